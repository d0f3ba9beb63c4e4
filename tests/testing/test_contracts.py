"""The contracts hold for the tiny backends and catch backends that break them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emoanim import testing
from emoanim.clips import Animation, Audio, EmotionScores, Phone, Portrait, Transcript
from emoanim.testing import tiny

FRAME = np.full((32, 48, 3), 90, np.uint8)
SOUND = Audio(np.full(16000, 0.1, np.float32), 16000)


def changed(verb: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *given, **named: change(verb(*given, **named))


def broken(backend: Any, verb: str, change: Callable[[Any], Any]) -> Any:
    setattr(backend, verb, changed(getattr(backend, verb), change))
    return backend


def test_the_tiny_backends_keep_the_contracts() -> None:
    testing.check_transcriber(tiny.TinyTranscriber(), SOUND)
    testing.check_text_emoter(tiny.TinyTextEmoter())
    testing.check_voice(tiny.TinyVoice())
    stills = testing.check_face_emoter(tiny.TinyFaceEmoter(), [FRAME, FRAME + 1])
    gradient = np.arange(32, dtype=np.uint8)[:, None, None] * np.ones((1, 48, 3), np.uint8)
    testing.check_animator(tiny.TinyAnimator(), Portrait(gradient, gradient))
    testing.check_classifier(tiny.TinyClassifier(), [FRAME, FRAME + 9], np.zeros_like(FRAME))
    assert len(stills) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.text, "returned str"),
        (lambda t: replace(t, text=" "), "no text"),
        (lambda t: replace(t, text=t.text + " "), "blanks"),
        (lambda t: replace(t, language="English"), "ISO 639-1"),
        (lambda t: replace(t, duration=9.0), "duration"),
        (lambda t: replace(t, words=(t.words[0]._replace(end=-1.0),)), "ends before"),
        (lambda t: replace(t, words=(t.words[0]._replace(end=9.0),)), "after the end"),
        (lambda t: replace(t, words=t.words[::-1]), "out of order"),
        (lambda t: replace(t, words=(t.words[0]._replace(probability=2.0),)), "probability"),
    ],
)
def test_broken_transcribers(change: Callable[[Transcript], Any], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        testing.check_transcriber(broken(tiny.TinyTranscriber(), "transcribe", change), SOUND)


def test_a_transcriber_that_hears_words_in_silence() -> None:
    class Dreams(tiny.TinyTranscriber):
        def transcribe(self, audio: Audio) -> Transcript:
            return Transcript("Thank you.", "en", (), audio.duration)

    with pytest.raises(AssertionError, match="silent audio was not refused"):
        testing.check_transcriber(Dreams(), SOUND)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: 3, "returned int"),
        (lambda t: "", "no text"),
        (lambda t: t + " ", "blanks"),
        (lambda t: f"<happy>{t}", "marks that a voice reads out"),
    ],
)
def test_broken_text_emoters(change: Callable[[str], Any], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        testing.check_text_emoter(broken(tiny.TinyTextEmoter(), "rewrite", change))


def with_samples(speech: Any, samples: Any) -> Any:
    return replace(speech, audio=Audio(samples, speech.audio.rate))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.audio, "returned Audio"),
        (lambda s: with_samples(s, s.audio.samples * 9), "a peak"),
        (lambda s: with_samples(s, s.audio.samples * 0), "a peak"),
        (lambda s: with_samples(s, s.audio.samples + np.nan), "not finite"),
        (lambda s: with_samples(s, s.audio.samples[:99]), "s of speech"),
        (lambda s: replace(s, audio=Audio(s.audio.samples, 4000)), "4000 Hz"),
        (lambda s: replace(s, text="other"), "text of the speech is .*; expected what was given"),
        (lambda s: replace(s, phones=(Phone("ɑ", 0.0, 0.1),)), "no ARPAbet"),
        (lambda s: replace(s, phones=s.phones[::-1]), "before the last one ends"),
        (lambda s: replace(s, phones=(Phone("AA", 0.2, 0.1),)), "ends before it starts"),
        (lambda s: replace(s, phones=(Phone("AA", 0.2, 99.0),)), "after the end"),
    ],
)
def test_broken_voices(change: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        testing.check_voice(broken(tiny.TinyVoice(), "speak", change))


def test_a_voice_that_never_says_it_twice_the_same_way() -> None:
    noise = np.random.default_rng(0)
    shaken = broken(
        tiny.TinyVoice(),
        "speak",
        lambda s: with_samples(s, s.audio.samples + noise.normal(0, 0.01, len(s.audio.samples))),
    )
    with pytest.raises(AssertionError, match="other samples"):
        testing.check_voice(shaken)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p[:1], "1 portraits for 2 frames"),
        (lambda p: [x.image for x in p], "expected a list of emoanim.Portrait"),
        (lambda p: (x for x in p), "expected a list of emoanim.Portrait"),
        (lambda p: [replace(x, image=x.image[..., 0]) for x in p], "expected uint8"),
        (lambda p: [replace(x, original=x.image) for x in p], "original frame"),
        (lambda p: [replace(x, quality=2.0) for x in p], "quality 2.0"),
        (lambda p: [replace(x, image=x.original) for x in p], "same pictures"),
    ],
)
def test_broken_face_emoters(change: Callable[[Any], Any], message: str) -> None:
    backend = broken(tiny.TinyFaceEmoter(), "emote", change)
    with pytest.raises(AssertionError, match=message):
        testing.check_face_emoter(backend, [FRAME, FRAME + 1])


def test_a_face_emoter_that_paints_on_the_frames() -> None:
    class Paints(tiny.TinyFaceEmoter):
        def emote(self, frames: Any, prompt: Any) -> Any:
            made = super().emote(frames, prompt)
            frames[0][:] = 0
            return made

    with pytest.raises(AssertionError, match="frames that were given have changed"):
        testing.check_face_emoter(Paints(), [FRAME.copy()])


def again(moving: Any, frames: Any, **changes: Any) -> Animation:
    return replace(moving, frames=iter(frames), **changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.frames, "animate returned .*; expected an emoanim.Animation"),
        (lambda m: replace(m, length=3), "s of frames for"),
        (lambda m: again(m, list(m.frames)[:-1]), "expected .*, Animation.length"),
        (lambda m: replace(m, size=(9, 9)), r"size \(width, height\) = \(9, 9\)"),
        (lambda m: again(m, [f.astype(float) for f in m.frames]), "expected uint8"),
        (lambda m: again(m, [next(m.frames)] * m.length), "never moves"),
    ],
)
def test_broken_animators(change: Callable[[Any], Any], message: str) -> None:
    picture = np.arange(32, dtype=np.uint8)[:, None, None] * np.ones((1, 48, 3), np.uint8)
    backend = broken(tiny.TinyAnimator(), "animate", change)
    with pytest.raises(AssertionError, match=message):
        testing.check_animator(backend, Portrait(picture, picture))


def test_an_animator_that_is_never_the_same() -> None:
    count = iter(range(1000))

    def shifted(moving: Any) -> Animation:
        turn = next(count)
        return again(moving, [np.roll(f, turn, axis=1) for f in moving.frames])

    picture = np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)
    with pytest.raises(AssertionError, match="gave other frames"):
        testing.check_animator(
            broken(tiny.TinyAnimator(), "animate", shifted), Portrait(picture, picture)
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.values, "returned ndarray"),
        (lambda s: replace(s, values=s.values[:1]), "1 rows, 2 frames"),
        (lambda s: replace(s, labels=("bored", *s.labels[1:])), "no emotion ids: \\['bored'\\]"),
        (lambda s: replace(s, values=s.values * np.nan), "has no scores"),
        (lambda s: replace(s, values=s.values * 2), "sum is not 1"),
        (lambda s: replace(s, values=s.values - 1), "below 0"),
    ],
)
def test_broken_classifiers(change: Callable[[Any], Any], message: str) -> None:
    backend = broken(tiny.TinyClassifier(), "classify", change)
    with pytest.raises(AssertionError, match=message):
        testing.check_classifier(backend, [FRAME, FRAME + 1])


def test_classifiers_that_waver_or_see_faces_everywhere() -> None:
    noise = np.random.default_rng(0)

    def shaken(scores: Any) -> Any:
        values = scores.values + noise.random(scores.values.shape) * 0.1
        return replace(scores, values=values / values.sum(1, keepdims=True))

    with pytest.raises(AssertionError, match="second call"):
        testing.check_classifier(broken(tiny.TinyClassifier(), "classify", shaken), [FRAME])
    with pytest.raises(AssertionError, match="without a face has scores"):
        testing.check_classifier(tiny.TinyClassifier(), [FRAME], without_face=FRAME)


@pytest.mark.parametrize(
    "check",
    [
        lambda: testing.check_transcriber(object(), SOUND),
        lambda: testing.check_text_emoter(object()),
        lambda: testing.check_voice(object()),
        lambda: testing.check_face_emoter(object(), [FRAME]),
        lambda: testing.check_animator(object(), Portrait(FRAME, FRAME)),
        lambda: testing.check_classifier(object(), [FRAME]),
    ],
)
def test_objects_without_the_verb(check: Callable[[], Any]) -> None:
    with pytest.raises(
        AssertionError, match=r"object given as .*; expected an object with the verb"
    ):
        check()


def test_a_class_in_an_instances_place_says_what_to_give() -> None:
    given: tuple[tuple[Callable[[Any], Any], type[Any]], ...] = (
        (testing.check_voice, tiny.TinyVoice),
        (testing.check_classifier, tiny.TinyClassifier),
        (testing.check_transcriber, tiny.TinyTranscriber),
    )
    for check, cls in given:
        with pytest.raises(AssertionError, match=rf"Give an instance: {cls.__name__}\(\.\.\.\)"):
            check(cls)


def test_contracts_bring_what_a_test_does_not_give() -> None:
    assert len(testing.check_face_emoter(tiny.TinyFaceEmoter())) == 2
    assert len(testing.check_animator(tiny.TinyAnimator())) == 25
    assert len(testing.check_classifier(tiny.TinyClassifier()).values) == 2
    assert testing.check_transcriber(tiny.TinyTranscriber()).duration > 1


def test_rows_and_portraits_in_another_order_than_the_frames() -> None:
    flipped = broken(tiny.TinyClassifier(), "classify", lambda s: replace(s, values=s.values[::-1]))
    for frames in ([FRAME, FRAME + 40], None):
        with pytest.raises(AssertionError, match="another order than the frames"):
            testing.check_classifier(_Reversed() if frames is None else flipped, frames)

    def exchanged(stills: Any) -> Any:
        images = [still.image for still in stills][::-1]
        return [replace(still, image=image) for still, image in zip(stills, images, strict=True)]

    emoter = broken(tiny.TinyFaceEmoter(), "emote", exchanged)
    with pytest.raises(AssertionError, match="portrait 0 looks like another frame"):
        testing.check_face_emoter(emoter)
    rater = broken(tiny.TinyFaceEmoter(), "rate", lambda qualities: qualities[::-1])
    with pytest.raises(AssertionError, match="each of them alone"):
        testing.check_face_emoter(rater, [FRAME, FRAME + 40])


def test_rows_that_depend_on_the_other_frames() -> None:
    mixed = broken(
        tiny.TinyClassifier(),
        "classify",
        lambda s: replace(s, values=0.9 * s.values + 0.1 * s.values.mean(axis=0)),
    )
    with pytest.raises(AssertionError, match="do not depend on the other frames"):
        testing.check_classifier(mixed, [FRAME, FRAME + 90])


class _Reversed:
    """Scores frames by how bright their left half is, the last frame first."""

    labels = ("happy", "sad")

    def classify(self, frames: Any) -> EmotionScores:
        left = np.array([f[:, : f.shape[1] // 2].mean() / 255.0 for f in frames])[::-1]
        return EmotionScores(self.labels, np.stack([left, 1.0 - left], axis=1))


def test_width_and_height_mixed_up_do_not_pass() -> None:
    class Turned(tiny.TinyAnimator):
        def animate(self, *given: Any, **options: Any) -> Animation:
            right = super().animate(*given, **options)
            return Animation(right.fps, right.size[::-1], right.length, right.frames)

    with pytest.raises(AssertionError, match=r"size \(width, height\)"):
        testing.check_animator(Turned())
