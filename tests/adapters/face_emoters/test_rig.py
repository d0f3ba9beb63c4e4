from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.adapters.face_emoters.rig import RigFaceEmoter
from emoanim.clips import EmotionScores
from emoanim.demo import demo_portrait
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.rig.expressions.closed_loop import face_state
from emoanim.engines.rig.expressions.emoted import EmotedFace
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.errors import FaceError, SettingsError
from emoanim.faces import FaceFinder, portrait_quality
from emoanim.protocols import FaceEmoter

STEPS = (0.25, 0.5, 0.75, 1.0)
HAPPY = EmotionPrompt.parse("very happy")


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def emoter(finder: FaceFinder) -> RigFaceEmoter:
    return RigFaceEmoter(finder=finder)


@pytest.fixture(scope="module")
def frame() -> NDArray[np.uint8]:
    return demo_portrait()


def test_it_is_a_face_emoter(emoter: RigFaceEmoter) -> None:
    assert isinstance(emoter, FaceEmoter)


def test_a_portrait_per_frame_with_what_the_animator_needs(
    emoter: RigFaceEmoter, frame: NDArray[np.uint8]
) -> None:
    made = emoter.emote([frame, frame[:, ::-1].copy()], HAPPY)
    assert len(made) == 2
    for portrait, original in zip(made, (frame, frame[:, ::-1]), strict=True):
        assert portrait.emoter == "rig"
        assert np.array_equal(portrait.original, original)
        assert portrait.image.shape == original.shape
        assert portrait.image.dtype == np.uint8
        assert not np.array_equal(portrait.image, original)
        assert portrait.quality is not None
        assert 0.0 <= portrait.quality <= 1.0
        assert isinstance(portrait.state, EmotedFace)
        assert portrait.state.points.shape == (468, 3)
        assert portrait.state.units["12"] > 0
        assert portrait.state.baseline["12L"] > 0


def test_the_same_frame_gives_the_same_portrait(
    finder: FaceFinder, emoter: RigFaceEmoter, frame: NDArray[np.uint8]
) -> None:
    first = emoter.emote([frame], HAPPY)[0]
    second = RigFaceEmoter(seed=5, finder=finder).emote(frame[None], HAPPY)[0]
    assert np.array_equal(first.image, second.image)


def test_intensity_and_strength_move_the_face_further(
    finder: FaceFinder, frame: NDArray[np.uint8]
) -> None:
    def change(emoter: RigFaceEmoter, prompt: EmotionPrompt) -> float:
        calm = emoter.emote([frame], EmotionPrompt.parse("neutral"))[0].image
        return float(np.abs(emoter.emote([frame], prompt)[0].image.astype(int) - calm).mean())

    plain = RigFaceEmoter(finder=finder)
    sad = EmotionPrompt.parse("sad")
    weak = change(plain, EmotionPrompt.parse("slightly sad"))
    assert weak < change(plain, sad) < change(RigFaceEmoter(finder=finder, strength=1.4), sad)


def test_a_neutral_face_shows_less_of_a_smile_than_taking_it_away_once_leaves(
    finder: FaceFinder, frame: NDArray[np.uint8]
) -> None:
    def corners(emoter: RigFaceEmoter, prompt: str) -> float:
        image = emoter.emote([frame], EmotionPrompt.parse(prompt))[0].image
        face = finder.with_lips(image, finder.largest_face(image))
        return float(face_state(face).corners.mean())

    again = RigFaceEmoter(finder=finder)
    once = corners(RigFaceEmoter(finder=finder, closed_loop=False), "neutral")
    slightly, fully = (corners(again, p) for p in ("slightly neutral", "very very neutral"))
    assert once - 0.03 > slightly > fully > -0.3


def test_a_smile_leaves_the_eyes_where_they_are_open_and_nowhere_else(
    emoter: RigFaceEmoter, frame: NDArray[np.uint8]
) -> None:
    cheeks = {}
    for word in ("neutral", "fear", "anger", "happy"):
        (still,) = emoter.emote([frame], EmotionPrompt(Emotion(word), 1.0))
        cheeks[word] = still.state.units.get("6", 0.0)
    assert all(cheeks[word] < -0.3 for word in ("neutral", "fear"))
    assert cheeks["anger"] == 0 < cheeks["happy"]


def test_a_frame_without_a_face_is_refused(emoter: RigFaceEmoter) -> None:
    with pytest.raises(FaceError):
        emoter.emote([np.full((200, 200, 3), 90, np.uint8)], HAPPY)


def test_a_face_that_is_too_small_is_refused(
    emoter: RigFaceEmoter, frame: NDArray[np.uint8]
) -> None:
    small = np.full_like(frame, 128)
    small[:170, :170] = frame[::3, ::3][:170, :170]
    with pytest.raises(FaceError):
        emoter.emote([small], HAPPY)


@pytest.mark.parametrize("option", [{"strength": -0.1}, {"strength": 2.0}, {"cancel": 1.5}])
def test_options_out_of_range_are_refused(option: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(option))):
        RigFaceEmoter(**option)


def test_a_blink_is_no_portrait(finder: FaceFinder, emoter: RigFaceEmoter, frame) -> None:
    face = finder.largest_face(frame)
    irises = finder.with_eyes(frame, face).irises
    blinking = FaceRenderer(frame, finder.with_lips(frame, face).points, cancel=0.0, irises=irises)
    awake, closed = emoter.emote([frame, blinking.render({"43": 1.0})], HAPPY)
    assert closed.quality < 0.5 * awake.quality


def test_quality_prefers_sharp_portraits(finder: FaceFinder, frame: NDArray[np.uint8]) -> None:
    points = finder.largest_face(frame).points
    blurred = np.stack(
        [
            np.stack([np.convolve(r, np.ones(9) / 9, "same") for r in frame[..., c]])
            for c in range(3)
        ],
        -1,
    ).astype(np.uint8)
    assert portrait_quality(frame, points) > portrait_quality(blurred, points) > 0


class Whites:
    """Takes pictures for fear by how bright the eyes are; knows no sadness."""

    def classify(self, frames):
        bright = np.array([f[140:190, 190:290].mean() for f in frames])
        shares = bright / bright.sum()
        return EmotionScores(("fear", "happy"), np.stack([shares, 1 - shares], axis=1))


def test_a_guide_chooses_among_bounded_mixtures(finder: FaceFinder, frame) -> None:
    fear, sad = (EmotionPrompt.parse(f"very very {word}") for word in ("fear", "sad"))
    plain, guided = RigFaceEmoter(finder=finder), RigFaceEmoter(finder=finder, guided=Whites())
    without, chosen = plain.emote([frame], fear)[0], guided.emote([frame], fear)[0]
    best = [Whites().classify([p.image, without.image]).of("fear")[0] for p in (chosen, without)]
    assert best[0] >= best[1]
    factors = {u: w / without.state.units[u] for u, w in chosen.state.units.items()}
    assert len({round(f, 3) for f in factors.values()}) > 1
    # 1.2 by the mixture, and what a calmer upper face leaves of the bound on likeness.
    assert all(0.4 < f < 1.4 for f in factors.values())
    assert guided.emote([frame], sad)[0].state.units == plain.emote([frame], sad)[0].state.units


def test_every_emotion_grows_with_its_intensity(emoter: RigFaceEmoter, frame) -> None:
    for word in ("anger", "contempt", "disgust", "fear", "happy", "sad"):
        stills = [emoter.emote([frame], EmotionPrompt(Emotion(word), i))[0] for i in STEPS]
        sums = [sum(still.state.units.values()) for still in stills]
        assert all(b > 1.05 * a for a, b in pairwise(sums)), (word, sums)
