from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from checkpoint_writer import save_checkpoint
from fer8_reference import random_tensors
from numpy.typing import NDArray

from emoanim import FrameEmotionClassifier, backend
from emoanim.adapters.classifiers.fer8 import Fer8Classifier
from emoanim.demo import demo_portrait
from emoanim.emotions import Emotion
from emoanim.errors import InputError, SettingsError, WeightsError
from emoanim.faces import FaceFinder
from emoanim.testing.contracts import check_classifier

BLANK = np.full((240, 320, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    return demo_portrait()


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the same layout with random weights."""
    return save_checkpoint(tmp_path_factory.mktemp("fer8") / "fer8.pt", random_tensors(1))


@pytest.fixture(scope="module")
def real() -> Fer8Classifier:
    return Fer8Classifier(accept_licence=True)


def test_the_licence_has_to_be_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES", raising=False)
    with pytest.raises(WeightsError, match=r"AGPL-3\.0 .* has to be accepted first"):
        Fer8Classifier()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_it_keeps_the_contract(real: Fer8Classifier, portrait: NDArray[np.uint8]) -> None:
    assert isinstance(real, FrameEmotionClassifier)
    scores = check_classifier(real, [portrait, portrait[:, ::-1].copy()], BLANK)
    assert scores.labels == tuple(Emotion)
    assert scores.classifier == "fer8"


def test_a_smiling_portrait_is_happy(real: Fer8Classifier, portrait: NDArray[np.uint8]) -> None:
    turn = cv2.getRotationMatrix2D((256, 220), 25, 1.0)
    turned = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA)
    scores = real.classify([portrait, turned, small])
    assert (scores.of("happy") > 0.9).all()


def test_faces_of_every_kind(real: Fer8Classifier, media: Path) -> None:
    still = cv2.imread(str(media / "portraits" / "woman_outdoors.jpg"))[..., ::-1].copy()
    with_moustache = cv2.imread(str(media / "portraits" / "man_moustache_1920s.jpg"))
    stills = [still, with_moustache[..., ::-1].copy()]
    scores = Fer8Classifier(True, track=False).classify(stills)
    assert scores.coverage == 1.0
    assert scores.labels[int(scores.values[0].argmax())] == "surprise"
    assert scores.labels[int(scores.values[1].argmax())] == "neutral"


def test_rows_follow_the_frames(
    checkpoint: Path, finder: FaceFinder, portrait: NDArray[np.uint8]
) -> None:
    """Frames without a face fall in the middle of batches of every size."""
    small = cv2.resize(portrait, (200, 200), interpolation=cv2.INTER_AREA)
    frames = [portrait, BLANK, small, portrait, BLANK, BLANK, BLANK, small, portrait]
    results = [
        Fer8Classifier(weights=checkpoint, finder=finder, track=False, batch=n, size=64).classify(
            iter(frames)
        )
        for n in (1, 3, 20)
    ]
    for scores in results:
        assert scores.found.tolist() == [f is not BLANK for f in frames]
        assert scores.values[scores.found].sum(1) == pytest.approx(1)
        np.testing.assert_allclose(scores.values, results[0].values, atol=1e-6)
    values = results[0].values
    assert np.array_equal(values[0], values[3])
    assert not np.allclose(values[0], values[2], atol=1e-4)


def test_scores_are_divided_by_their_sum(
    checkpoint: Path, finder: FaceFinder, portrait: NDArray[np.uint8]
) -> None:
    classifier = Fer8Classifier(weights=checkpoint, finder=finder, size=64)
    crop = classifier._crop(portrait, finder.largest_face(portrait))
    raw = classifier.scores(crop[None])[0]
    assert raw.sum() > 1.2
    expected = raw / raw.sum()
    assert classifier.classify([portrait]).values[0] == pytest.approx(expected, abs=1e-6)


def test_one_person_is_followed(
    checkpoint: Path,
    finder: FaceFinder,
    portrait: NDArray[np.uint8],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second face, larger and darker, appears beside the first and stays."""

    def brightness(_: Fer8Classifier, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        light = crops.mean((1, 2, 3))[:, None] / 255
        return np.concatenate([light, 1 - light, np.zeros((len(crops), 6))], axis=1)

    monkeypatch.setattr(Fer8Classifier, "scores", brightness)
    alone = np.full((512, 1100, 3), 127, np.uint8)
    alone[100:400, :300] = cv2.resize(portrait, (300, 300), interpolation=cv2.INTER_AREA)
    both = alone.copy()
    both[:, 588:] = portrait // 2
    followed = Fer8Classifier(weights=checkpoint, finder=finder, size=64)
    values = followed.classify([alone] * 3 + [both] * 30).values[:, 0]
    assert np.ptp(values) < 0.02
    apart = Fer8Classifier(weights=checkpoint, finder=finder, size=64, track=False)
    assert apart.classify([both]).values[0, 0] < 0.6 * values[-1]


def test_nothing_given(checkpoint: Path, finder: FaceFinder) -> None:
    scores = Fer8Classifier(weights=checkpoint, finder=finder).classify([])
    assert scores.values.shape == (0, 8)
    assert scores.coverage == 0


def test_faces_too_small_to_read(
    checkpoint: Path, finder: FaceFinder, portrait: NDArray[np.uint8]
) -> None:
    tiny = cv2.resize(portrait, (80, 80), interpolation=cv2.INTER_AREA)
    options = {"weights": checkpoint, "finder": finder, "size": 64}
    assert not Fer8Classifier(**options, min_face=40).classify([tiny]).found.any()
    assert Fer8Classifier(**options, min_face=10).classify([tiny]).found.all()


@pytest.mark.parametrize("track", [True, False])
def test_what_is_no_frame(checkpoint: Path, finder: FaceFinder, track: bool) -> None:
    classifier = Fer8Classifier(weights=checkpoint, finder=finder, size=64, track=track)
    with pytest.raises(InputError, match="expected"):
        classifier.classify([np.zeros((64, 64), np.uint8)])


@pytest.mark.parametrize("options", [{"size": 300}, {"size": 0}, {"batch": 0}])
def test_options_out_of_range(checkpoint: Path, options: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="given; expected"):
        Fer8Classifier(weights=checkpoint, **options)


def test_a_tampered_checkpoint(checkpoint: Path, tmp_path: Path) -> None:
    broken = tmp_path / "fer8.pt"
    broken.write_bytes(checkpoint.read_bytes()[:-2000])
    with pytest.raises(WeightsError, match="refused"):
        Fer8Classifier(weights=broken)


def test_by_name(checkpoint: Path) -> None:
    assert isinstance(backend("classifier", "fer8", weights=checkpoint), Fer8Classifier)


def test_nothing_heavy_until_one_is_made() -> None:
    code = (
        "import sys, emoanim.faces, emoanim.adapters.classifiers.fer8, "
        "emoanim.adapters.classifiers.facex; "
        "print({'cv2', 'onnx', 'onnxruntime', 'ai_edge_litert', 'torch', 'av'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
