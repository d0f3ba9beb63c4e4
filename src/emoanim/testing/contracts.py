"""What every backend of a role must do, as functions: call them in the tests of your backend.

Each ``check_*`` raises AssertionError with a plain sentence, and nothing if all is well::

    from emoanim.testing import check_voice

    def test_contract():
        check_voice(MyVoice())
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from emoanim.clips import (
    Animation,
    Audio,
    Clip,
    EmotionScores,
    Image,
    Phone,
    Portrait,
    Recording,
    Speech,
    Transcript,
    Word,
)
from emoanim.emotions import TARGETS, Emotion, EmotionPrompt
from emoanim.errors import EmoanimError, InputError, SettingsError
from emoanim.protocols import (
    Animator,
    FaceEmoter,
    FrameEmotionClassifier,
    RatesFrames,
    TextEmoter,
    Transcriber,
    Voice,
)
from emoanim.registry.checks import check_backend
from emoanim.testing.order import check_images_in_order, check_rows_in_order
from emoanim.testing.samples import SENTENCE, frames_with_a_face, spoken_sentence

__all__ = [
    "check_animator",
    "check_classifier",
    "check_face_emoter",
    "check_text_emoter",
    "check_transcriber",
    "check_voice",
]


def check_transcriber(backend: Transcriber, audio: Audio | None = None) -> Transcript:
    """Check a transcriber on sound that holds English words; return what it heard.

    Without sound it gets a sentence of the offline voice, whose packages are needed then.
    """
    _check_role("transcriber", backend)
    audio = spoken_sentence() if audio is None else audio
    heard = backend.transcribe(audio)
    _check_kind("transcribe", heard, Transcript, "an emoanim.Transcript")
    _check(
        bool(heard.text.strip()),
        "no text for audio that holds words; expected them in Transcript.text",
    )
    _check(
        heard.text == heard.text.strip(), "the text has blanks at its ends; expected text.strip()"
    )
    _check(
        len(heard.language) == 2,
        f"language {heard.language!r} is no ISO 639-1 code; expected two letters such as 'en'",
    )
    _check(
        abs(heard.duration - audio.duration) < 0.1,
        f"duration {heard.duration} s for {audio.duration} s of audio; expected the same",
    )
    ends = 0.0
    for word in heard.words:
        _check(0.0 <= word.start <= word.end, f"word {word} ends before it starts")
        _check(word.end <= audio.duration + 0.5, f"word {word} lies after the end")
        _check(word.start >= ends - 0.25, f"word {word} is out of order")
        _check(
            0.0 <= word.probability <= 1.0,
            f"word {word} has no probability; expected one from 0 to 1",
        )
        ends = word.end
    _refuses(backend.transcribe, Audio(np.zeros(16000, np.float32), 16000), what="silent audio")
    return heard


def check_text_emoter(
    backend: TextEmoter, emotions: Sequence[Emotion] = TARGETS
) -> dict[Emotion, str]:
    """Check a text emoter in every emotion; return the texts."""
    _check_role("text_emoter", backend)
    transcript = Transcript(SENTENCE, "en", (), 4.0)
    texts = {}
    for emotion in emotions:
        text = backend.rewrite(transcript, EmotionPrompt(emotion, 0.8))
        _check_kind("rewrite", text, str, "a str")
        _check(bool(text.strip()), f"no text for {emotion}")
        _check(text == text.strip(), f"the text for {emotion} has blanks at its ends")
        marks = [mark for mark in "*_#<>{}[]|" if mark in text]
        _check(not marks, f"the text for {emotion} has marks that a voice reads out: {marks}")
        texts[emotion] = text
    return texts


def check_voice(
    backend: Voice,
    reference: Audio | None = None,
    emotions: Sequence[Emotion] = (Emotion.NEUTRAL, Emotion.ANGER, Emotion.SAD),
) -> dict[Emotion, Speech]:
    """Check a voice; return what it said. Without a reference it gets a humming sound."""
    _check_role("voice", backend)
    reference = reference or _hum()
    spoken = {}
    for emotion in emotions:
        prompt = EmotionPrompt(emotion, 0.8)
        speech = backend.speak(SENTENCE, prompt, reference)
        _check_kind("speak", speech, Speech, "an emoanim.Speech")
        _check_sound(speech.audio)
        _check(
            speech.text == SENTENCE,
            f"the text of the speech is {speech.text!r}; expected what was given, {SENTENCE!r}",
        )
        json.dumps(dict(speech.details))  # they stand in the record of the run
        _check_phones(speech.phones, speech.audio.duration)
        again = backend.speak(SENTENCE, prompt, reference)
        _check(
            np.array_equal(speech.audio.samples, again.audio.samples),
            "the same words with the same seed gave other samples; expected the same ones",
        )
        spoken[emotion] = speech
    recording = Recording(reference.samples, reference.rate, _said(reference.duration))
    try:
        speech = backend.speak(SENTENCE, prompt, recording)
    except InputError:  # it says only what was said
        speech = backend.speak("We will go.", prompt, recording)
    _check(
        isinstance(speech, Speech),
        "speak returned no Speech for a Recording, which knows what was said and when",
    )
    _check_time_map(speech, reference.duration)
    return spoken


def check_face_emoter(
    backend: FaceEmoter,
    frames: Sequence[Image] | None = None,
    emotions: Sequence[Emotion] = (Emotion.HAPPY, Emotion.SAD),
) -> dict[Emotion, list[Portrait]]:
    """Check a face emoter on frames that show a face; return the portraits.

    Without frames it gets two of the portrait that comes with the package.
    """
    _check_role("face_emoter", backend)
    frames = frames_with_a_face() if frames is None else frames
    portraits = {}
    for emotion in emotions:
        before = [frame.copy() for frame in frames]
        stills = backend.emote(frames, EmotionPrompt(emotion, 0.8))
        _check_kind("emote", stills, list, "a list of emoanim.Portrait")
        _check(len(stills) == len(frames), f"{len(stills)} portraits for {len(frames)} frames")
        for frame, copy, still in zip(frames, before, stills, strict=True):
            _check_kind("emote", still, Portrait, "a list of emoanim.Portrait")
            _check(
                np.array_equal(frame, copy),
                "the frames that were given have changed; expected a copy to be changed",
            )
            _check_image(still.image)
            _check(
                np.array_equal(still.original, frame),
                "a portrait lacks its original frame; expected it as Portrait.original",
            )
            _check(
                still.quality is None or 0.0 <= still.quality <= 1.0,
                f"quality {still.quality} lies outside [0, 1]",
            )
        check_images_in_order(frames, stills)
        portraits[emotion] = stills
        if isinstance(backend, RatesFrames):
            alone = [quality for frame in frames for quality in backend.rate([frame])]
            _check(
                alone == backend.rate(frames),
                "rate gives several frames other qualities than each of them alone; expected one "
                "per frame, in their order",
            )
            _check(
                backend.rate(frames) == [still.quality for still in stills],
                "rate says another quality than emote gives",
            )
    _check(
        any(
            not np.array_equal(a.image, b.image)
            for a, b in zip(portraits[emotions[0]], portraits[emotions[-1]], strict=True)
        )
        or len(emotions) == 1,
        "two emotions gave the same pictures; expected different ones",
    )
    return portraits


def check_animator(
    backend: Animator,
    portrait: Portrait | None = None,
    seconds: float = 1.0,
    source: Clip | None = None,
) -> list[Image]:
    """Check an animator on a portrait with speech of some seconds; return the frames.

    Without a portrait it gets the one that comes with the package, wider than high, so that an
    animation whose width and height are mixed up does not pass.
    An animator that cannot do without the original clip is given one as ``source``.
    """
    _check_role("animator", backend)
    if portrait is None:
        face = frames_with_a_face()[0]
        face = np.ascontiguousarray(face[: face.shape[0] * 15 // 16])
        portrait = Portrait(face, face)
    speech = _hummed_speech(seconds)
    prompt = EmotionPrompt(Emotion.HAPPY, 0.8)
    moving = backend.animate(portrait, speech, prompt, source)
    _check_kind("animate", moving, Animation, "an emoanim.Animation")
    covers = moving.length / moving.fps
    _check(
        -1e-6 <= covers - seconds <= 1.0 / moving.fps + 1e-6,
        f"{covers:.3f} s of frames for {seconds:.3f} s of speech; "
        "expected as many frames as the speech lasts",
    )
    frames = list(moving.frames)
    _check(
        len(frames) == moving.length,
        f"{len(frames)} frames; expected {moving.length}, Animation.length",
    )
    for frame in frames:
        _check_image(frame)
        _check(
            frame.shape[1::-1] == moving.size,
            f"a frame of shape {frame.shape}, but Animation.size (width, height) = {moving.size}",
        )
    _check(
        any(not np.array_equal(frames[0], frame) for frame in frames[1:]),
        "the face never moves; expected frames that differ",
    )
    again = list(backend.animate(portrait, speech, prompt, source).frames)
    _check(
        all(np.array_equal(a, b) for a, b in zip(frames, again, strict=True)),
        "the same speech with the same seed gave other frames; expected the same ones",
    )
    return frames


def check_classifier(
    backend: FrameEmotionClassifier,
    frames: Sequence[Image] | None = None,
    without_face: Image | None = None,
) -> EmotionScores:
    """Check a classifier on frames that show a face; return the scores.

    Without frames it gets two of the portrait that comes with the package.
    """
    _check_role("classifier", backend)
    frames = frames_with_a_face() if frames is None else frames
    scores = backend.classify(frames)
    _check_kind("classify", scores, EmotionScores, "emoanim.EmotionScores")
    _check(len(scores.values) == len(frames), f"{len(scores.values)} rows, {len(frames)} frames")
    foreign = set(scores.labels) - set(Emotion)
    _check(
        not foreign,
        f"labels that are no emotion ids: {sorted(foreign)}; expected of {', '.join(Emotion)}",
    )
    _check(
        bool(scores.found.all()),
        "a frame with a face has no scores; expected numbers, NaN is for frames without one",
    )
    _check(bool((scores.values >= 0).all()), "a probability below 0; expected 0 to 1")
    _check(
        bool(np.allclose(scores.values.sum(axis=1), 1.0, atol=1e-3)),
        "a row's sum is not 1; expected probabilities that sum to 1",
    )
    again = backend.classify(frames)
    _check(
        bool(np.array_equal(scores.values, again.values)),
        "a second call gave other scores; expected the same ones",
    )
    check_rows_in_order(scores, [backend.classify([frame]) for frame in frames])
    if without_face is not None:
        empty = backend.classify([without_face])
        _check(not empty.found.any(), "a frame without a face has scores; expected a row of NaN")
    return scores


def _check_role(role: str, backend: object) -> None:
    """Refuse a class in an instance's place, and an object without the verb of the role."""
    try:
        check_backend(role, backend)
    except SettingsError as error:
        raise AssertionError(str(error)) from None


def _check(fine: bool, message: str) -> None:
    if not fine:
        raise AssertionError(message)


def _check_kind(verb: str, value: object, kind: type[object], expected: str) -> None:
    _check(isinstance(value, kind), f"{verb} returned {type(value).__name__}; expected {expected}")


def _refuses(verb: Callable[..., object], *given: object, what: str) -> None:
    try:
        verb(*given)
    except EmoanimError:
        return
    raise AssertionError(f"{what} was not refused with an error of emoanim.errors")


def _check_sound(audio: Audio) -> None:
    _check(audio.rate >= 8000, f"a rate of {audio.rate} Hz; expected 8000 or more")
    _check(
        audio.duration > 0.3, f"only {audio.duration:.2f} s of speech; expected the whole sentence"
    )
    _check(
        bool(np.isfinite(audio.samples).all()),
        "a sample is not finite; expected samples from -1 to 1",
    )
    peak = float(np.abs(audio.samples).max())
    _check(
        0.01 < peak <= 1.0, f"a peak of {peak:.3f}; expected samples from -1 to 1 that can be heard"
    )


def _check_phones(phones: Sequence[Phone], duration: float) -> None:
    ends = 0.0
    for phone in phones:
        _check(
            phone.symbol.isalpha() and phone.symbol.isupper(),
            f"phone {phone}: no ARPAbet; expected 'AA', 'M' and so on",
        )
        _check(phone.start >= ends - 1e-3, f"phone {phone} starts before the last one ends")
        _check(phone.end >= phone.start, f"phone {phone} ends before it starts")
        _check(phone.end <= duration + 0.05, f"phone {phone} lies after the end")
        ends = phone.end


def _check_time_map(speech: Speech, duration: float) -> None:
    if not speech.time_map:
        return
    new, old = np.array(speech.time_map).T
    _check(bool((np.diff(new) > 0).all()), "the time map's new seconds do not rise")
    _check(bool((np.diff(old) > 0).all()), "the time map's old seconds do not rise")
    _check(abs(new[0]) < 1e-3 and abs(old[0]) < 1e-3, "the time map does not start at 0")
    _check(abs(new[-1] - speech.audio.duration) < 0.02, "the time map ends before the speech")
    _check(old[-1] <= duration + 0.02, "the time map goes past the end of the recording")


def _check_image(image: Image) -> None:
    _check(
        image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3,
        f"an image of {image.dtype} {image.shape}; expected uint8 (h, w, 3)",
    )


def _hum(seconds: float = 2.0, rate: int = 16000) -> Audio:
    """A voiced sound: harmonics of 140 Hz with a slow swell."""
    t = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * 140.0 * k * t) / k for k in range(1, 20))
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3.0 * t)
    return Audio((0.1 * wave * swell).astype(np.float32), rate)


def _said(seconds: float) -> Transcript:
    """What was said in the humming sound: one word for each third of it."""
    third = seconds / 3.0
    words = tuple(Word(w, i * third, (i + 1) * third) for i, w in enumerate(("We", "will", "go.")))
    return Transcript("We will go.", "en", words, seconds)


def _hummed_speech(seconds: float) -> Speech:
    """A humming sound with phones that open and close the mouth."""
    symbols = ("M", "AA", "P", "IY", "B", "UW", "F", "AE")
    step = seconds / len(symbols)
    phones = tuple(Phone(s, i * step, (i + 1) * step) for i, s in enumerate(symbols))
    return Speech(_hum(seconds), "ma pee boo fa", phones)
