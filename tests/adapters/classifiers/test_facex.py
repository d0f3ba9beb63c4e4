from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim import backend
from emoanim.adapters.classifiers.facex import FacexClassifier
from emoanim.demo import demo_portrait
from emoanim.errors import SettingsError
from emoanim.testing.contracts import check_classifier

BLANK = np.full((240, 320, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def facex() -> FacexClassifier:
    made = backend("classifier", "facex", batch=2)
    assert isinstance(made, FacexClassifier)
    return made


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    return demo_portrait()


def test_it_keeps_the_contract(facex: FacexClassifier, portrait: NDArray[np.uint8]) -> None:
    scores = check_classifier(facex, [portrait, portrait[:, ::-1].copy(), portrait], BLANK)
    assert scores.labels == ("anger", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    assert (scores.of("happy") > 0.9).all()


def test_it_sees_grey(facex: FacexClassifier, portrait: NDArray[np.uint8]) -> None:
    """The same luma in another colour, on the crop itself."""
    face = facex._reading.finder.largest_face(portrait)
    crop = facex._crop(portrait, face)
    assert crop.shape == (200, 200)
    luma = portrait @ np.array([0.299, 0.587, 0.114])
    grey = np.repeat(np.round(luma).astype(np.uint8)[..., None], 3, axis=2)
    assert np.abs(facex._crop(grey, face).astype(int) - crop).max() <= 2


def test_rows_without_a_face(facex: FacexClassifier, portrait: NDArray[np.uint8]) -> None:
    scores = facex.classify(iter([BLANK, portrait, BLANK, BLANK, BLANK]))
    assert scores.found.tolist() == [False, True, False, False, False]


def test_options_out_of_range() -> None:
    with pytest.raises(SettingsError, match="batch 0 given"):
        FacexClassifier(batch=0)
