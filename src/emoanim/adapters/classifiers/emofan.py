"""The frame classifier of the paper: EmoFAN on the face of one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Frames, Image
from emoanim.emotions import Emotion
from emoanim.errors import SettingsError
from emoanim.extras import require
from emoanim.faces import Face, FaceFinder
from emoanim.registry.verbs import options_repr
from emoanim.scoring.face_reading import FaceClassifier, FaceReading
from emoanim.weights import checkpoints

__all__ = ["LABELS", "SIZE", "EmofanClassifier", "Reading", "face_image", "load_network"]

LABELS: tuple[Emotion, ...] = (
    Emotion.NEUTRAL,
    Emotion.HAPPY,
    Emotion.SAD,
    Emotion.SURPRISE,
    Emotion.FEAR,
    Emotion.DISGUST,
    Emotion.ANGER,
    Emotion.CONTEMPT,
)
"""Order of the network's logits; the network of 5 classes has the first five."""
SIZE = 256
Run = Callable[[NDArray[np.uint8]], Sequence[NDArray[np.float32]]]
_FEWEST = 8  # pixels of a face's shorter side, below which a crop shows nothing


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the network says of b faces.

    Attributes:
        labels: expressions, in the order of the logits.
        logits: float32 (b, k).
        valence: float32 (b,), unpleasant -1 to pleasant 1.
        arousal: float32 (b,), calm -1 to excited 1.
        heatmaps: float32 (b, 68, 64, 64), one per landmark of the 68-point scheme.
    """

    labels: tuple[str, ...]
    logits: NDArray[np.float32]
    valence: NDArray[np.float32]
    arousal: NDArray[np.float32]
    heatmaps: NDArray[np.float32]


class EmofanClassifier(FaceClassifier):
    """EmoNet (Toisoul et al. 2021), the classifier of the paper's section 4.5.

    Args:
        classes: 8, or 5 (neutral, happy, sad, surprise, fear).
        surprise: keep surprise among the labels; the paper leaves it out, and so does the default:
            its logit is dropped before the softmax.
        weights: the official ``emonet_8.pth`` or ``emonet_5.pth``, or a folder that holds it; else
            it is looked for as ``emoanim.weights`` does and fetched from its official place.
        sha256: hash of a file that is trusted instead of the official one.
        accept_licence: CC BY-NC-ND 4.0, which forbids commercial use and altered copies.
        device: "auto", "cpu", "cuda" or "mps".
        runtime: "torch", or "onnx": ONNX Runtime on the processor, which is faster there and equal
            within 1e-5 of each output's maximum; it needs the extra ``fer8`` too.
        threads: of ONNX Runtime; torch has its own setting.
        batch: frames that are held, and faces that go through the network, at a time.
        track: frames belong to one clip and one person is followed; False for unrelated stills.
        min_face: faces smaller than that, in pixels, count as none.
        finder: of faces, to share one that is loaded.

    Raises:
        MissingExtraError: torch is not installed.
        SettingsError: an option out of its range.
        WeightsError: the file is missing, another one, or its licence was not accepted.
    """

    def __init__(
        self,
        *,
        classes: int = 8,
        surprise: bool = False,
        weights: str | Path | None = None,
        sha256: str = "",
        accept_licence: bool = False,
        device: str = "auto",
        runtime: str = "torch",
        threads: int = 2,
        batch: int = 8,
        track: bool = True,
        min_face: float = 32.0,
        finder: FaceFinder | None = None,
    ) -> None:
        if classes not in (5, 8):
            raise SettingsError(f"classes={classes} given; expected 8 or 5.")
        if runtime not in ("torch", "onnx"):
            raise SettingsError(f"runtime {runtime!r} given; expected torch or onnx.")
        if runtime == "onnx" and device not in ("auto", "cpu"):
            raise SettingsError(
                f"device {device!r} and runtime 'onnx' given; that runs on the cpu. Leave one out."
            )
        require("torch", "emofan")
        name = f"emonet_{classes}"
        path = checkpoints.official(name, weights, sha256=sha256, accept_licence=accept_licence)
        if runtime == "onnx":
            self._run = _in_onnx(path, classes, threads)
        else:
            torch_device = checkpoints.device_named(device)
            self._run = _in_torch(load_network(path, classes), torch_device)
        self._reading = FaceReading(finder, track=track, min_face=min_face, batch=batch)
        self._classes = LABELS[:classes]
        self._kept = [i for i, e in enumerate(self._classes) if surprise or e != Emotion.SURPRISE]

    __repr__ = options_repr

    @property
    def name(self) -> str:
        """The classifier with its number of classes, as it stands in scores."""
        return f"emofan{len(self._classes)}"

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions that are scored, in order."""
        return tuple(str(self._classes[i]) for i in self._kept)

    def scores(self, faces: Sequence[Image] | Frames) -> NDArray[np.float64]:
        """Return the probabilities of faces that are cut out already, (b, k).

        Args:
            faces: uint8 (b, 256, 256, 3) RGB.
        """
        return _softmax(self.read(faces).logits[:, self._kept])

    def _crop(self, image: Image, face: Face) -> Image | None:
        return face_image(image, face.box)

    def read(self, faces: Sequence[Image] | Frames) -> Reading:
        """Return everything the network says of faces that are cut out already.

        Args:
            faces: uint8 (b, 256, 256, 3) RGB.

        Raises:
            SettingsError: images of another size, or none.
        """
        if not len(faces) or any(np.shape(f) != (SIZE, SIZE, 3) for f in faces):
            given = sorted({str(np.shape(f)) for f in faces}) or ["none"]
            raise SettingsError(
                f"faces of shape {', '.join(given)} given; expected ({SIZE}, {SIZE}, 3). "
                "Cut them out with face_image."
            )
        size = self._reading.batch
        parts = [np.stack(list(faces[i : i + size])) for i in range(0, len(faces), size)]
        outputs = [self._run(part) for part in parts]
        heatmaps, logits, valence, arousal = (np.concatenate(o) for o in zip(*outputs, strict=True))
        labels = tuple(map(str, self._classes))
        return Reading(labels, logits, valence, arousal, heatmaps)


def _in_torch(network: Any, device: Any) -> Run:
    import torch

    from emoanim.engines.emonet.network import run

    network = network.to(device)

    def read(faces: NDArray[np.uint8]) -> Sequence[NDArray[np.float32]]:
        with torch.inference_mode():
            images = torch.from_numpy(faces).to(device).permute(0, 3, 1, 2)
            # The permuted view already is channels-last, which the convolutions run fastest on.
            outputs = run(network, images.to(torch.float32).div_(255.0))
            return [each.cpu().numpy() for each in outputs]

    return read


def _in_onnx(path: Path, classes: int, threads: int) -> Run:
    from emoanim.engines.emonet.graph import EmoNetSession

    # Nothing but the arrays is held on to: the session frees them when it has its own.
    arrays = {n: t.numpy() for n, t in load_network(path, classes).state_dict().items()}
    return EmoNetSession(arrays, threads)


def load_network(path: str | Path, classes: int) -> Any:
    """Load a checkpoint of EmoNet strictly and make it fast.

    Raises:
        WeightsError: not such a checkpoint; the message names what differs.
    """
    from emoanim.engines.emonet.network import EmoNet, prepare

    tensors = checkpoints.strip(checkpoints.read(path), "module.")
    network = checkpoints.build(lambda: EmoNet(classes), tensors, f"{path} (EmoNet, {classes})")
    return prepare(network)


def face_image(image: Image, box: tuple[float, float, float, float]) -> Image | None:
    """Cut a face's box out of an image and resize it to 256x256, its sides independently.

    The network was shown the box of a face detector without a margin, resized without keeping its
    proportions; the box of the mesh (forehead to chin, ear to ear) is the nearest to it.

    Args:
        image: uint8 (h, w, 3) RGB.
        box: left, top, right, bottom in pixels.

    Returns:
        uint8 (256, 256, 3); None if next to nothing of the box lies inside the image.
    """
    cv2 = require("cv2", "emofan")
    height, width = image.shape[:2]
    left, right = (min(max(round(x), 0), width) for x in (box[0], box[2]))
    top, bottom = (min(max(round(y), 0), height) for y in (box[1], box[3]))
    if min(right - left, bottom - top) < _FEWEST:
        return None
    face = image[top:bottom, left:right]
    shrinks = min(face.shape[:2]) > 2 * SIZE
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(face, (SIZE, SIZE), interpolation=way), dtype=np.uint8)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
