"""What a worker remembers gives the same answers as asking again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoanim.clips import Image
from emoanim.emotions import EmotionPrompt
from emoanim.errors import BackendError
from emoanim.faces import FaceFinder
from emoanim.media import Video
from emoanim.settings import BackendChoice, Settings
from emoanim.study.workers.loaded import LoadedBackends, RecentStills
from emoanim.study.workers.remembered_faces import RememberingFinder
from emoanim.testing.tiny import TinyFaceEmoter

HAPPY = EmotionPrompt.parse("happy")


def test_a_remembered_face_is_the_same(portrait: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, finder = FaceFinder(), RememberingFinder()
    asked = []
    detect = FaceFinder.detect
    monkeypatch.setattr(
        FaceFinder, "detect", lambda *given, **more: asked.append(1) or detect(*given, **more)
    )
    first, again = finder.find(portrait), finder.find(portrait.copy())
    assert len(asked) == 1
    assert np.array_equal(first[0].points, plain.find(portrait)[0].points)
    assert np.array_equal(first[0].points, again[0].points)
    for name in ("with_eyes", "with_lips"):
        once, twice, expected = (
            getattr(f, name)(portrait, first[0]).points for f in (finder, finder, plain)
        )
        assert np.array_equal(once, expected)
        assert np.array_equal(twice, expected)
    other = portrait[:, ::-1].copy()
    assert not np.array_equal(finder.find(other)[0].points, first[0].points)


class Counting(TinyFaceEmoter):
    made = 0

    def emote(self, frames, prompt):
        self.made += len(frames)
        return super().emote(frames, prompt)


def test_a_still_is_made_once(clips: list[Path]) -> None:
    stills, emoter, clip = RecentStills(), Counting(), Video(clips[0])
    first = stills.get(emoter, HAPPY, clip, [0.0, 0.4])
    second = stills.get(emoter, HAPPY, clip, [0.4, 0.8])
    assert emoter.made == 3
    assert [s.time for s in second] == [0.4, 0.8]
    assert second[0].image is first[1].image
    expected = emoter.emote([f.image for f in clip.frames_at([0.8])], HAPPY)[0]
    assert np.array_equal(second[1].image, expected.image)
    stills.get(emoter, EmotionPrompt.parse("sad"), clip, [0.4])
    stills.get(Counting(), HAPPY, clip, [0.4])
    assert emoter.made == 5


def test_a_frame_is_rated_once(clips: list[Path]) -> None:
    class Rating(TinyFaceEmoter):
        rated = 0

        def rate(self, frames):
            self.rated += len(frames)
            return super().rate(frames)

    stills, emoter, clip = RecentStills(), Rating(), Video(clips[0])
    first = stills.rated(emoter, clip, [0.0, 0.4])
    second = stills.rated(emoter, clip, [0.4, 0.8])
    assert emoter.rated == 3
    assert second[0] == first[1]
    made = stills.get(emoter, HAPPY, clip, [0.0, 0.4, 0.8])
    assert [*first, second[1]] == [still.quality for still in made]


def test_a_backend_that_loses_ratings_is_named(clips: list[Path]) -> None:
    class Losing(TinyFaceEmoter):
        def rate(self, frames):
            return []

    with pytest.raises(BackendError, match="0 ratings for 1 frames"):
        RecentStills().rated(Losing(), Video(clips[0]), [0.0])


def test_a_backend_that_loses_stills_is_named(clips: list[Path]) -> None:
    class Losing(TinyFaceEmoter):
        def emote(self, frames, prompt):
            return []

    with pytest.raises(BackendError, match="Losing returned 0 items for 1 frames"):
        RecentStills().get(Losing(), HAPPY, Video(clips[0]), [0.0])


def test_a_backend_that_can_be_given_a_seed_is_loaded_once() -> None:
    backends = LoadedBackends()
    settings = Settings(animator=BackendChoice(name="rig", options={"threads": 1}))
    first, second = (backends.get("animator", settings, seed) for seed in (1, 2))
    assert first._finder is second._finder
    assert (first._seed, second._seed) == (1, 2)
    emoters = [backends.get("face_emoter", settings, seed) for seed in (1, 2)]
    assert emoters[0] is emoters[1]


def test_a_backend_is_where_the_settings_say() -> None:
    pytest.importorskip("ctranslate2")
    backends = LoadedBackends()
    here, chosen = Settings(device="cpu"), Settings()
    assert backends.get("transcriber", here, 0).device == "cpu"
    assert backends.get("transcriber", chosen, 0).device == "auto"
