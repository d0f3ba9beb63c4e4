"""What stages make comes back from a file as it was."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from emoanim import backend
from emoanim.clips import Audio, Image, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.rig.expressions.emoted import EmotedFace
from emoanim.study.storage.encoding import decode_portrait, encode_portrait

HAPPY = EmotionPrompt.parse("very happy")


@pytest.fixture(scope="module")
def still() -> Portrait:
    from emoanim.demo import demo_portrait

    frame = np.ascontiguousarray(demo_portrait()[::2, ::2])
    return replace(backend("face_emoter", "rig", strength=0.4).emote([frame], HAPPY)[0], time=0.4)


def test_a_still_comes_back_with_what_its_animator_goes_on_from(still: Portrait) -> None:
    again = decode_portrait(encode_portrait(still))
    assert isinstance(still.state, EmotedFace)
    assert isinstance(again.state, EmotedFace)
    for field in fields(EmotedFace):
        np.testing.assert_equal(getattr(again.state, field.name), getattr(still.state, field.name))
    for name in ("image", "original", "quality", "emoter", "time", "details"):
        np.testing.assert_equal(getattr(again, name), getattr(still, name))


def test_an_option_of_the_emoter_reaches_a_film_made_from_a_file(still: Portrait) -> None:
    def first(portrait: Portrait) -> Image:
        hum = Audio(0.1 * np.sin(np.arange(1600) / 8), 16000)
        moving = backend("animator", "rig").animate(portrait, Speech(hum, ""), HAPPY)
        return next(iter(moving.frames))

    expected = first(still)
    assert np.array_equal(first(decode_portrait(encode_portrait(still))), expected)
    assert not np.array_equal(first(replace(still, state=None)), expected)


def test_a_state_that_no_file_can_hold_is_refused(still: Portrait) -> None:
    with pytest.raises(TypeError, match="state of type object"):
        encode_portrait(replace(still, state=object()))
