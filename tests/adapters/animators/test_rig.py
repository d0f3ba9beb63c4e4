from __future__ import annotations

import threading
import time
from dataclasses import replace
from importlib.resources import as_file, files

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("ai_edge_litert")

import cv2

from emoanim.adapters.animators import rig as module
from emoanim.adapters.animators.rig import RigAnimator
from emoanim.clips import Audio, Phone, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.errors import FaceError, SettingsError
from emoanim.faces import FaceFinder, FaceTracker
from emoanim.media import read_image
from emoanim.testing.contracts import check_animator

HAPPY = EmotionPrompt.parse("happy")
INNER = ((13, 14), (82, 87), (312, 317))


@pytest.fixture(scope="module")
def still():
    with as_file(files("emoanim") / "assets" / "astronaut.jpg") as path:
        image = read_image(path)
    return np.ascontiguousarray(cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA))


@pytest.fixture(scope="module")
def portrait(still):
    return Portrait(image=still, original=still, emoter="rig")


def say(script, phones=True):
    rng = np.random.default_rng(3)
    words = script.split()
    pieces, said, clock = [], [], 0.0
    for symbol, length in zip(words[::2], map(float, words[1::2]), strict=True):
        t = clock + np.arange(round(length * 16000)) / 16000
        voiced = symbol not in {"SIL", "P", "B"}
        tone = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 10))
        pieces.append(0.2 * tone * voiced + 1e-4 * rng.standard_normal(len(t)))
        said.append(Phone(symbol, clock, clock + length))
        clock += length
    audio = Audio(np.concatenate(pieces).astype(np.float32), 16000)
    return Speech(audio, "", tuple(said) if phones else ())


def gaps(frames):
    finder = FaceFinder()
    tracker = FaceTracker(finder)
    faces = [(frame, tracker.update(frame)) for frame in frames]
    # The mesh alone reads 0.03 off lips that are shut.
    found = [finder.with_lips(frame, face).points[:, :2] for frame, face in faces]
    heights = [np.mean([np.linalg.norm(p[a] - p[b]) for a, b in INNER]) for p in found]
    return np.array(heights) / np.median([np.linalg.norm(p[61] - p[291]) for p in found])


def test_contract(portrait):
    check_animator(RigAnimator(), portrait, seconds=0.4)


def test_lips_follow_the_phones(portrait):
    speech = say("SIL 0.3 M 0.08 AA 0.2 P 0.07 AE 0.2 B 0.05 AO 0.2 SIL 0.5")
    prompt = EmotionPrompt.parse("neutral")
    gap = gaps(RigAnimator(head_motion=0.3).animate(portrait, speech, prompt).frames)
    times = (np.arange(len(gap)) + 0.5) / 25
    for phone in speech.phones:
        middle = (phone.start + phone.end) / 2
        if phone.symbol in {"M", "P", "B"}:
            assert gap[np.abs(times - phone.start - 0.02) <= 0.041].min() < 0.03, phone
        elif phone.symbol != "SIL":
            assert gap[np.abs(times - middle) <= 0.1].max() > 0.09, phone
    quiet = (times < 0.15) | (times > 1.4)
    assert gap[quiet].max() < 0.04


def test_threads_do_not_change_the_frames(portrait):
    speech = say("SIL 0.1 AA 0.2 M 0.1")
    one = list(RigAnimator(threads=1).animate(portrait, speech, HAPPY).frames)
    three = list(RigAnimator(threads=3).animate(portrait, speech, HAPPY).frames)
    assert len(one) == len(three) == 10
    for a, b in zip(one, three, strict=True):
        np.testing.assert_array_equal(a, b)


def test_frames_are_made_as_they_are_read(portrait):
    before = threading.active_count()
    animation = RigAnimator().animate(portrait, say("AA 30.0"), HAPPY)
    assert animation.length == 750
    next(animation.frames)
    animation.frames.close()
    # What is being rendered is not waited for, and nothing new is begun.
    deadline = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before


def test_a_foreign_portrait_keeps_its_pixels(still):
    # The emotion is in the picture: in silence nothing but blinks and the head may change it.
    foreign = Portrait(image=still, original=np.zeros_like(still), emoter="other")
    ours = Portrait(image=still, original=still, emoter="rig")
    neutral = EmotionPrompt.parse("neutral")
    kept, cancelled = (
        next(RigAnimator(head_motion=0.0).animate(p, say("SIL 0.5"), neutral).frames)
        for p in (foreign, ours)
    )
    left, top, right, bottom = map(int, FaceFinder().largest_face(still).box)
    face = np.s_[top:bottom, left:right]
    changed = [np.abs(f[face].astype(int) - still[face]).mean() for f in (kept, cancelled)]
    assert changed[0] < 0.7 * changed[1]  # the astronaut's smile stays, or is taken away


def test_the_original_is_animated_where_the_rig_made_the_portrait(still):
    marked = Portrait(image=np.zeros_like(still), original=still, emoter="rig")
    frame = next(RigAnimator().animate(marked, say("AA 0.2"), HAPPY).frames)
    assert frame.mean() > 20


def test_what_the_face_emoter_knows_is_used(still, portrait):
    from emoanim.adapters.face_emoters.rig import RigFaceEmoter

    speech = say("SIL 0.3 AA 0.1")
    made = RigFaceEmoter().emote([still], HAPPY)[0]
    frame = next(RigAnimator().animate(made, speech, HAPPY).frames)
    np.testing.assert_array_equal(
        frame, next(RigAnimator().animate(portrait, speech, HAPPY).frames)
    )
    strong = RigFaceEmoter(strength=1.4).emote([still], HAPPY)[0]
    stronger = next(RigAnimator().animate(strong, speech, HAPPY).frames)
    assert not np.array_equal(stronger, frame)


def test_speech_without_phones_moves_the_lips(portrait):
    speech = say("SIL 0.3 AA 0.3 SIL 0.3", phones=False)
    gap = gaps(RigAnimator().animate(portrait, speech, EmotionPrompt.parse("neutral")).frames)
    assert gap[8:15].max() > gap[:5].max() + 0.025


def test_words_without_phones_are_aligned(portrait, monkeypatch):
    speech = replace(say("SIL 0.2 AA 0.2 SIL 0.2"), phones=(), text="Ah")
    asked = []

    def heard(audio, text, language):
        asked.append((text, language))
        return (Phone("UW", 0.2, 0.4),)

    monkeypatch.setattr(module, "heard", heard)
    rounded = list(RigAnimator().animate(portrait, speech, HAPPY).frames)
    assert asked == [("Ah", "en")]
    speech = replace(speech, phones=(Phone("AA", 0.2, 0.4),))
    opened = list(RigAnimator().animate(portrait, speech, HAPPY).frames)
    assert not np.array_equal(rounded[7], opened[7])


def test_no_face_is_an_error():
    blank = np.full((160, 160, 3), 128, np.uint8)
    with pytest.raises(FaceError, match="no face"):
        RigAnimator().animate(Portrait(blank, blank), say("AA 0.2"), HAPPY)


@pytest.mark.parametrize(
    "options", [{"fps": 0.0}, {"fps": 1000.0}, {"head_motion": -1.0}, {"threads": 0}]
)
def test_options_out_of_range(options):
    with pytest.raises(SettingsError, match=next(iter(options))):
        RigAnimator(**options)


def test_the_source_gives_its_head_motion(media, portrait):
    from emoanim.media import Video

    source = Video(media / "talking_8s.mp4")
    still = next(source.frames(2.0)).image
    person = Portrait(still, still, emoter="rig")
    speech = say("SIL 0.1 AA 0.2")
    ours = list(RigAnimator().animate(person, speech, HAPPY, source).frames)
    without = list(RigAnimator(source_motion=False).animate(person, speech, HAPPY, source).frames)
    assert len(ours) == len(without) == 8
    assert any(not np.array_equal(a, b) for a, b in zip(ours, without, strict=True))


def test_the_source_tells_how_high_the_brows_are_at_rest(moving_portrait, monkeypatch):
    from emoanim.demo import demo_portrait
    from emoanim.media import Video

    image, finder = demo_portrait(), FaceFinder()
    points = finder.with_lips(image, finder.largest_face(image)).points
    raised = FaceRenderer(image, points, cancel=0.0).render({"1": 1.5, "2": 1.5})
    person = Portrait(raised, raised, time=1.0, emoter="rig")
    renderers = []

    def render(*given, **options):
        renderers.append(FaceRenderer(*given, **options))
        return renderers[-1]

    monkeypatch.setattr(module, "FaceRenderer", render)
    animator = RigAnimator(source_motion=False)
    for source in (None, Video(moving_portrait)):
        next(animator.animate(person, say("SIL 0.1"), HAPPY, source).frames)
    alone, known = (sum(r.baseline.get(u, 0) for u in ("1", "2L", "2R")) for r in renderers)
    assert known > alone + 0.1


def test_what_was_prepared_is_used_once_and_changes_nothing(moving_portrait, monkeypatch):
    from emoanim.demo import demo_portrait
    from emoanim.media import Video

    source = Video(moving_portrait)
    image = demo_portrait()
    speech = Speech(Audio(np.zeros(4000, np.float32), 16000), "", ())
    person = Portrait(image, image, time=1.0)
    plain = list(RigAnimator().animate(person, speech, HAPPY, source).frames)
    looked = []
    found = module.MouthInterior.from_clip
    monkeypatch.setattr(
        module.MouthInterior, "from_clip", lambda *given: looked.append(given) or found(*given)
    )
    animator = RigAnimator()
    animator.prepare(person, source)
    ready = list(animator.animate(person, speech, HAPPY, source).frames)
    assert len(looked) == 1
    assert all(np.array_equal(a, b) for a, b in zip(plain, ready, strict=True))
    other = Portrait(image, image, time=1.5)
    list(animator.animate(other, speech, HAPPY, source).frames)
    assert len(looked) == 1, "all of a short clip is searched, whatever the portrait's time"
    next(animator.animate(person, speech, HAPPY, Video(moving_portrait)).frames)
    assert len(looked) == 2


def test_another_seed_shares_what_was_learnt(moving_portrait, monkeypatch):
    from emoanim.demo import demo_portrait
    from emoanim.media import Video

    source = Video(moving_portrait)
    image = demo_portrait()
    speech = Speech(Audio(np.zeros(4000, np.float32), 16000), "", ())
    person = Portrait(image, image, time=1.0)
    anew = list(RigAnimator(seed=7).animate(person, speech, HAPPY, source).frames)
    first = RigAnimator(seed=3)
    first.prepare(person, source)
    monkeypatch.setattr(module, "track_head", None)
    monkeypatch.setattr(module.MouthInterior, "from_clip", None)
    monkeypatch.setattr(module, "FaceFinder", None)
    other = first.seeded(7)
    frames = list(other.animate(person, speech, HAPPY, source).frames)
    assert all(np.array_equal(a, b) for a, b in zip(anew, frames, strict=True))
