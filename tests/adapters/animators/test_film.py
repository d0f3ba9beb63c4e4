from __future__ import annotations

from dataclasses import replace
from importlib.resources import as_file, files
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("ai_edge_litert")

import cv2

from emoanim import backend
from emoanim.adapters.animators.film import FilmAnimator
from emoanim.clips import Audio, Frame, Phone, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import FaceError, SettingsError
from emoanim.faces import FaceFinder, mouth_openness
from emoanim.media import read_image
from emoanim.persons import whole_picture
from emoanim.protocols import AnimatesOneOfSeveral
from emoanim.testing.contracts import check_animator

HAPPY = EmotionPrompt.parse("very happy")
SAID = (("M", 0.3), ("AA", 0.3), ("P", 0.2), ("AE", 0.3), ("SIL", 0.3))


class Clip:
    """The astronaut, nodding; nobody from a given time on."""

    fps = 20.0

    def __init__(self, still, duration=1.0, gone=9.0):
        self.still, self.duration, self.gone = still, duration, gone
        self.size = still.shape[1], still.shape[0]

    def frames(self, start=0.0, end=None):
        for number in range(round(self.duration * self.fps)):
            time = number / self.fps
            if time < start - 1e-6 or (end is not None and time >= end - 1e-6):
                continue
            turn = np.array([[1, 0, 0], [0, 1, 3 * np.sin(5 * time)]], np.float64)
            image = cv2.warpAffine(self.still, turn, self.size, borderMode=cv2.BORDER_REPLICATE)
            yield Frame(time, np.full_like(image, 60) if time >= self.gone else image)


@pytest.fixture(scope="module")
def still():
    with as_file(files("emoanim") / "assets" / "astronaut.jpg") as path:
        image = read_image(path)
    return np.ascontiguousarray(cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("time_map", [(), ((0.0, 0.0), (1.0, 1.0))])
def test_no_emotion_goes_on_the_film_of_a_kept_still(still, time_map):
    """The animator alone: an emotion of intensity 0, whatever was asked for."""
    clip, film = Clip(still), FilmAnimator()
    speech = Speech(Audio(np.zeros(16000, np.float32), 16000), "", time_map=time_map)
    kept = Portrait(image=still, original=still, emoter="keep")
    none = EmotionPrompt("happy", intensity=0.0)
    emoted = Portrait(image=still, original=still, emoter="rig")
    alone = np.stack(list(film.animate(kept, speech, HAPPY, clip).frames))
    assert np.array_equal(alone, np.stack(list(film.animate(emoted, speech, none, clip).frames)))
    happy = np.stack(list(film.animate(emoted, speech, HAPPY, clip).frames))
    assert np.abs(happy.astype(int) - alone).mean() > 0.05
    if time_map:
        shown = np.stack([frame.image for frame in clip.frames()])
        assert np.abs(alone.astype(int) - shown).mean() < 0.5


@pytest.fixture(scope="module")
def portrait(still):
    return Portrait(image=still, original=still, emoter="rig")


@pytest.fixture(scope="module")
def animator():
    return FilmAnimator()


def say(script=SAID):
    pieces, said, clock = [], [], 0.0
    for symbol, length in script:
        t = clock + np.arange(round(length * 16000)) / 16000
        tone = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 10))
        pieces.append(0.2 * tone * (symbol not in {"SIL", "P"}))
        said.append(Phone(symbol, clock, clock + length))
        clock += length
    return Speech(Audio(np.concatenate(pieces).astype(np.float32), 16000), "", tuple(said))


def again(duration, film):
    """The recording said again, faster or slower."""
    tone = 0.1 * np.sin(np.arange(round(duration * 16000)) * 0.05)
    audio = Audio(tone.astype(np.float32), 16000)
    return Speech(audio, "", time_map=((0.0, 0.0), (duration, film)))


def openness(frames):
    finder = FaceFinder()
    meshes = [finder.with_lips(f, finder.largest_face(f)).points for f in frames]
    return np.array([mouth_openness(m) for m in meshes])


class WithClip:
    """The animator with its clip, as the contract asks for no source."""

    def __init__(self, animator, clip):
        self.animator, self.clip = animator, clip

    def animate(self, portrait, speech, prompt, source=None):
        return self.animator.animate(portrait, speech, prompt, self.clip)


def test_contract(animator, portrait, still):
    check_animator(WithClip(animator, Clip(still)), portrait)


def test_it_is_registered():
    assert isinstance(backend("animator", "film"), FilmAnimator)


def test_same_words_keep_the_lips_and_the_clips_rate(animator, portrait, still):
    clip = Clip(still)
    made = animator.animate(portrait, again(1.0, 1.0), HAPPY, clip)
    assert (made.fps, made.length, made.size) == (clip.fps, 20, clip.size)
    frames = list(made.frames)
    originals = [f.image for f in clip.frames()]
    assert openness(frames[2:9:3]) == pytest.approx(openness(originals[2:9:3]), abs=0.05)
    changed = [np.abs(a.astype(int) - b).mean() for a, b in zip(frames, originals, strict=True)]
    assert min(changed[3:-3]) > 0.15
    assert all(np.array_equal(a[:20], b[:20]) for a, b in zip(frames, originals, strict=True))


def test_slower_words_stretch_the_film(animator, portrait, still):
    made = animator.animate(portrait, again(1.25, 1.0), HAPPY, Clip(still))
    frames = list(made.frames)
    assert made.length == len(frames) == 25
    steps = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames)]
    assert min(steps[1:20]) > 0, "a frame stands still"


def test_new_words_move_the_lips(animator, portrait, still):
    frames = list(animator.animate(portrait, say(), HAPPY, Clip(still)).frames)
    assert len(frames) == 28
    gaps = openness([frames[k] for k in (3, 9, 13, 18)])
    assert min(gaps[1], gaps[3]) > max(gaps[0], gaps[2]) + 0.04


def test_where_nobody_is_seen_the_film_passes_through(animator, portrait, still):
    clip = Clip(still, duration=1.2, gone=0.8)
    frames = list(animator.animate(portrait, again(1.2, 1.2), HAPPY, clip).frames)
    originals = [f.image for f in clip.frames()]
    assert all(np.array_equal(a, b) for a, b in zip(frames[17:], originals[17:], strict=True))
    assert not np.array_equal(frames[4], originals[4])


def test_without_a_film_or_with_a_short_one_the_portrait_is_animated(portrait, still):
    from emoanim.adapters.animators.rig import RigAnimator

    expected = next(RigAnimator(fps=25.0).animate(portrait, say(), HAPPY).frames)
    animator = FilmAnimator(shortest=2.0)
    animator.prepare(portrait, Clip(still))
    alone = animator.animate(portrait, say(), HAPPY)
    assert alone.fps == 25.0
    assert np.array_equal(next(alone.frames), expected)
    assert animator.animate(portrait, say(), HAPPY, Clip(still)).fps == 25.0


def test_every_still_of_a_clip_gives_another_take(animator, portrait, still):
    clip = Clip(still, duration=3.0)
    takes = [
        next(animator.animate(replace(portrait, time=t), say(), HAPPY, clip).frames)
        for t in (0.1, 2.0)
    ]
    assert not np.array_equal(*takes)


def test_seeds_share_the_film(animator, portrait, still):
    clip = Clip(still)
    other = animator.seeded(7)
    animator.prepare(portrait, clip)
    assert other._read(clip) is animator._read(clip)
    assert other._seed == 7


def test_a_film_without_a_face_leaves_the_portrait(animator, portrait, still):
    nobody = Clip(np.full_like(still, 128))
    animator.prepare(portrait, nobody)
    made = animator.animate(portrait, say(), HAPPY, nobody)
    assert made.fps == 25.0
    assert np.ptp(next(made.frames)) > 100
    empty = Portrait(np.full_like(still, 128), np.full_like(still, 128))
    with pytest.raises(FaceError, match="no face"):
        animator.animate(empty, say(), HAPPY, nobody)


def test_only_the_person_asked_for_changes(portrait, still):
    both = np.concatenate([still, still], axis=1)
    clip = Clip(both, duration=1.1)
    made = FilmAnimator(person=(0.75, 0.4)).animate(portrait, again(0.4, 0.4), HAPPY, clip)
    frame, original = list(made.frames)[5], list(clip.frames())[5].image
    half = still.shape[1]
    assert np.array_equal(frame[:, :half], original[:, :half])
    assert not np.array_equal(frame[:, half:], original[:, half:])


def test_it_can_be_told_whom_to_change(portrait, still):
    clip = Clip(np.concatenate([still, still], axis=1), duration=1.1)
    plain = FilmAnimator()
    right = whole_picture((0.75, 0.4))
    other = plain.of_person(right)
    assert isinstance(other, AnimatesOneOfSeveral)
    frame = list(other.animate(portrait, again(0.4, 0.4), HAPPY, clip).frames)[5]
    original = list(clip.frames())[5].image
    half = still.shape[1]
    assert np.array_equal(frame[:, :half], original[:, :half])
    assert not np.array_equal(frame[:, half:], original[:, half:])
    assert plain.of_person(right)._read(clip) is other._read(clip)
    assert plain._read(clip) is not other._read(clip)


def test_threads_change_nothing(portrait, still):
    one, three = (
        list(FilmAnimator(threads=n).animate(portrait, say(SAID[:2]), HAPPY, Clip(still)).frames)
        for n in (1, 3)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, three, strict=True))


OUT_OF_RANGE = [{"threads": 0}, {"shortest": -1.0}, {"person": (2.0, 0.1)}, {"person": (0.5,)}]


@pytest.mark.parametrize("options", OUT_OF_RANGE)
def test_options_out_of_range(options):
    with pytest.raises(SettingsError, match="expected"):
        FilmAnimator(**options)


def test_a_rate_that_changes_half_way_stays_in_step(portrait, still, tmp_path):
    """30 Hz, then 15 Hz: the result has 30 Hz, and a flash is where the click is."""
    times = [k / 30 for k in range(20)] + [2 / 3 + k / 15 for k in range(10)]
    flash = 1.2

    class Clip:
        size, duration, fps = (256, 256), 4 / 3, 22.5

        def __init__(self):
            self.times = times

        def frames(self, start=0.0, end=None):
            for time in times:
                if start - 1e-6 <= time and (end is None or time < end - 1e-6):
                    image = still.copy()
                    image[:40, :40] = 250 if time >= flash - 1e-6 else 5
                    yield Frame(time, image)

    speech = Speech(
        Audio(np.zeros(21333, np.float32), 16000), "x", time_map=((0, 0), (4 / 3, 4 / 3))
    )
    moving = FilmAnimator(still="rig").animate(portrait, speech, HAPPY, Clip())
    assert moving.fps == 30.0
    corner = [float(frame[:40, :40].mean()) for frame in moving.frames]
    assert len(corner) == 40
    assert corner.index(250.0) / 30 == pytest.approx(flash, abs=1 / 30 + 1e-6)
    assert all(value == 250.0 for value in corner[corner.index(250.0) :])
