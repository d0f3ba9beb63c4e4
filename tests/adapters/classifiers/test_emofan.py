"""EmoFAN: golden numbers through the user's path, scores, labels and refusals."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from golden_cases import Case, fill, load_manifest

from emoanim.adapters.classifiers.emofan import EmofanClassifier, face_image
from emoanim.clips import Frame
from emoanim.errors import SettingsError, WeightsError
from emoanim.memory_clip import MemoryClip
from emoanim.scoring import score_clip

pytest.importorskip("cv2")
pytest.importorskip("torch")

import cv2
import torch

from emoanim.engines.emonet.network import EmoNet


@pytest.fixture(scope="module")
def files(golden, tmp_path_factory):
    """Checkpoints written from the manifests, as the official ones are laid out."""
    folder = tmp_path_factory.mktemp("emonet")
    found = {}
    for classes in (5, 8):
        manifest = load_manifest(golden / "emonet" / f"manifest_emonet_{classes}.json")
        state = {n: torch.from_numpy(a) for n, a in fill(manifest).items()}
        if classes == 5:  # as saved from a data-parallel model, by an old torch
            state = {
                f"module.{n}": t for n, t in state.items() if not n.endswith("batches_tracked")
            }
        path = folder / f"emonet_{classes}.pth"
        torch.save(state, path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        found[classes] = {"weights": path, "sha256": sha256, "accept_licence": True}
    return found


@pytest.fixture(scope="module")
def classifier(files):
    return EmofanClassifier(device="cpu", batch=2, **files[8])


@pytest.fixture(scope="module")
def random_file(tmp_path_factory):
    """A checkpoint of the official layout with random weights, for all but the numbers."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("random") / "emonet_8.pth"
    torch.save(EmoNet(8).state_dict(), path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"weights": path, "sha256": sha256, "accept_licence": True, "device": "cpu"}


def face_at(*box):
    return None if not box else SimpleNamespace(box=box, size=max(box[2] - box[0], box[3] - box[1]))


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
@pytest.mark.parametrize("classes", [5, 8])
def test_golden(files, golden, classes, runtime):
    if runtime == "onnx":
        pytest.importorskip("onnxruntime")
    case = Case(golden / "emonet" / f"emonet_{classes}.npz")
    options = {"classes": classes, "runtime": runtime, "device": "cpu"}
    reading = EmofanClassifier(**options, **files[classes]).read(case.input("image"))
    ours = {
        "heatmap": reading.heatmaps,
        "expression": reading.logits,
        "valence": reading.valence,
        "arousal": reading.arousal,
    }
    for name, values in ours.items():
        recorded = case.arrays[f"{name}.probe_val"] if name == "heatmap" else case.arrays[name]
        if name == "heatmap":
            values = values.ravel()[case.arrays["heatmap.probe_idx"]]
        limit = 1e-5 * np.abs(recorded).max()
        np.testing.assert_allclose(values, recorded, rtol=0, atol=limit)


def test_labels_and_probabilities(classifier, files, golden):
    image = Case(golden / "emonet" / "emonet_8.npz").input("image")[0]
    logits = classifier.read([image]).logits[0].astype(float)
    scores = classifier.classify_faces([(image, face_at(0, 0, 256, 256))])
    assert scores.labels == ("neutral", "happy", "sad", "fear", "disgust", "anger", "contempt")
    assert scores.classifier == "emofan8"
    kept = np.exp(logits - logits.max())[[0, 1, 2, 4, 5, 6, 7]]
    np.testing.assert_allclose(scores.values[0], kept / kept.sum(), rtol=1e-4)
    five = EmofanClassifier(classes=5, surprise=True, device="cpu", **files[5])
    assert five.labels == ("neutral", "happy", "sad", "surprise", "fear")


def test_frames_without_a_face_are_rows_of_nan(random_file):
    classifier = EmofanClassifier(batch=2, min_face=20, **random_file)
    frames = np.random.default_rng(0).integers(0, 255, (7, 40, 60, 3), dtype=np.uint8)
    face, small, beside = (
        face_at(10.2, 5.0, 39.0, 35.7),
        face_at(10, 10, 29, 29),
        face_at(-60, 0, 5, 40),
    )
    seen = list(zip(frames, [None, face, face, face, None, small, beside], strict=True))
    scores = classifier.classify_faces(iter(seen))
    assert scores.found.tolist() == [False, True, True, True, False, False, False]
    np.testing.assert_allclose(scores.values[1:4].sum(1), 1.0)
    alone = classifier.classify_faces(seen[3:4])
    np.testing.assert_allclose(scores.values[3], alone.values[0], atol=1e-5)


def test_onnx_runtime_gives_the_same(random_file):
    pytest.importorskip("onnxruntime")
    faces = np.random.default_rng(3).integers(0, 255, (3, 256, 256, 3), dtype=np.uint8)
    one, other = (
        EmofanClassifier(runtime=r, batch=2, **random_file).read(faces) for r in ("torch", "onnx")
    )
    for name in ("logits", "valence", "arousal", "heatmaps"):
        expected, found = getattr(one, name), getattr(other, name)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_no_frames(random_file):
    scores = EmofanClassifier(**random_file).classify([])
    assert scores.values.shape == (0, 7)
    assert scores.coverage == 0.0


def test_one_person_is_followed_through_a_whole_clip(random_file, portrait, monkeypatch):
    """A second face, larger and darker, appears and stays; frames are read batch by batch."""
    read = held = 0

    def brightness(self, faces):
        nonlocal held
        held = max(held, read - brightness.scored)
        brightness.scored += len(faces)
        light = faces.mean((1, 2, 3))[:, None] / 255
        return np.concatenate([light, 1 - light, np.zeros((len(faces), 5))], axis=1)

    def frames():
        nonlocal read
        for number in range(40):
            read += 1
            yield both if number >= 3 else alone

    brightness.scored = 0
    monkeypatch.setattr(EmofanClassifier, "scores", brightness)
    alone = np.full((512, 1100, 3), 127, np.uint8)
    alone[100:400, :300] = cv2.resize(portrait, (300, 300), interpolation=cv2.INTER_AREA)
    both = alone.copy()
    both[:, 588:] = portrait // 2
    clip = MemoryClip([both] * 40, 25.0, None)
    counted = (Frame(i / 25, f) for i, f in enumerate(frames()))
    monkeypatch.setattr(clip, "frames", lambda: counted)
    scores = score_clip(EmofanClassifier(batch=4, **random_file), clip)
    assert scores.coverage == 1.0
    assert np.ptp(scores.values[:, 0]) < 0.03
    assert held == 4
    apart = EmofanClassifier(track=False, **random_file).classify([both])
    assert apart.values[0, 0] < 0.6 * scores.values[-1, 0]


def test_a_face_crop_is_the_box_stretched_to_a_square():
    image = np.zeros((100, 200, 3), np.uint8)
    image[20:60, 50:80, 0] = 200
    crop = face_image(image, (49.6, 20.3, 80.2, 59.8))
    assert crop.shape == (256, 256, 3)
    assert (crop[..., 0] == 200).all()
    assert (face_image(image, (-30.0, -30.0, 500.0, 500.0)) > 0).any()
    assert face_image(image, (195.0, 0.0, 260.0, 100.0)) is None


@pytest.mark.parametrize("faces", [np.zeros((1, 255, 256, 3), np.uint8), []])
def test_faces_of_another_size(classifier, faces):
    with pytest.raises(SettingsError, match=r"expected \(256, 256, 3\)"):
        classifier.read(faces)


@pytest.mark.parametrize(
    "options",
    [
        {"classes": 7},
        {"batch": 0},
        {"device": "abacus"},
        {"runtime": "abacus"},
        {"runtime": "onnx", "device": "cuda"},
    ],
)
def test_options_out_of_range(files, options):
    with pytest.raises(SettingsError):
        EmofanClassifier(**files[8], **options)


def test_the_wrong_file_is_refused(files):
    with pytest.raises(WeightsError, match="expected git-sha1:6833bfdc"):
        EmofanClassifier(weights=files[8]["weights"], accept_licence=True)
    with pytest.raises(WeightsError, match=r"EmoNet, 8.*emo_fc_2\.3\.weight is float32 \(7, 128"):
        EmofanClassifier(**files[5])
