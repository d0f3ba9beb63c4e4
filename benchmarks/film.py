"""How the film animator does on clips: emotion, identity, lips, head motion, speed.

    python benchmarks/film.py CLIP[@SECOND] ... [--emotions happy sad ...]
                              [--intensities "very very"] [--modes same new rig] [--seconds 8]
                              [--classifiers facex fer8] [--every 5] [--text TEXT]
                              [--voice-of CLIP] [--out FOLDER]

``same`` lays the emotion on the film and leaves the words; ``new`` lets the hibari voice say TEXT
and gives the film its lips; ``rig`` says the same on the best of five stills, for comparison. The
classifiers score every n-th frame of the clip and of the result; lips and heads are measured with
the face mesh on what was rendered. Of a clip SECONDS are used, from SECOND on, else from its start.
A clip in which nobody is heard gets a voice like that in another CLIP. Intensities are words or
numbers up to 1.

Columns: EDD (0 changed, 0.5 unchanged, 1 the opposite), mean probability and share of frames with
the target on top (before > after), dlib's distance to the original, correlation of the lips'
opening with the original's (``same``), with what the phones ask for (``same``: original >
result; Whisper's words, aligned) at the lag that fits best, that lag in milliseconds (of up to two
frames; positive if the lips are late), AUROC of open vowels over bilabials (original > result),
standard deviation of the head's angles in degrees, CPU ms a frame (the film is read before).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path

import numpy as np

from emoanim.adapters.animators.film import FilmAnimator
from emoanim.clips import Animation, Audio, EmotionScores, Frame, Image, Portrait, Speech
from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.errors import NoSpeechError
from emoanim.evaluation.identity import FaceRecogniser, identity_distance
from emoanim.face import FaceAnimation
from emoanim.faces import FaceFinder, FaceTracker, fit_pose
from emoanim.language.word_times import timed
from emoanim.media import Video, write_video
from emoanim.metrics import edd
from emoanim.registry import backend
from emoanim.scoring import score_clip

TEXT = (
    "People bought a big brown map. Please move my baby's pan, maybe before Bob stops. "
    "Five of us have often found a father who saw all the calm palm trees far away."
)
INNER = ((13, 14), (82, 87), (312, 317))
OPEN = frozenset(["AA", "AE", "AO", "AW", "AY"])
SHUT = frozenset(["P", "B", "M"])
VOWELS = OPEN | {"AH", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}


@dataclass
class Cut:
    """Some seconds of a clip."""

    whole: Video
    seconds: float
    start: float = 0.0

    @classmethod
    def of(cls, name: str, seconds: float) -> Cut:
        """Return the part that a name such as ``talk.mp4@12.5`` stands for."""
        path, _, start = name.rpartition("@")
        return cls(Video(path or name), seconds, float(start) if path else 0.0)

    @property
    def size(self) -> tuple[int, int]:
        return self.whole.size

    @property
    def fps(self) -> float:
        return self.whole.fps

    @property
    def duration(self) -> float:
        return min(self.whole.duration - self.start, self.seconds)

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        until = self.start + min(end or self.seconds, self.seconds)
        for frame in self.whole.frames(self.start + start, until):
            yield Frame(max(frame.time - self.start, 0.0), frame.image)

    def sound(self, rate: int) -> Audio:
        """Return its sound; silence if it has none."""
        samples = np.zeros(round(self.duration * rate), np.float32)
        if self.whole.has_audio:
            heard = self.whole.audio(rate).samples[round(self.start * rate) :][: len(samples)]
            samples[: len(heard)] = heard
        return Audio(samples, rate)


@dataclass
class Measured:
    """What the mesh tells of frames: gap of the lips over the mouth's width, angles, embeddings."""

    gaps: np.ndarray
    angles: np.ndarray
    faces: np.ndarray


@dataclass
class Made:
    """A result in memory, as a clip."""

    pictures: list[Image]
    fps: float
    size: tuple[int, int]

    @property
    def duration(self) -> float:
        return len(self.pictures) / self.fps

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        for k, image in enumerate(self.pictures):
            yield Frame(k / self.fps, image)


def measured(frames: list[Image], finder: FaceFinder, recogniser: FaceRecogniser) -> Measured:
    tracker = FaceTracker(finder)
    gaps, angles, faces = [], [], []
    for k, image in enumerate(frames):
        face = tracker.update(image)
        if face is None:
            gaps.append(np.nan)
            angles.append((np.nan,) * 3)
            continue
        points = finder.with_lips(image, face).points[:, :2]
        gap = np.mean([np.linalg.norm(points[a] - points[b]) for a, b in INNER])
        gaps.append(gap / max(np.linalg.norm(points[33] - points[263]), 1e-6))
        pose = fit_pose(face.points)
        angles.append((pose.pitch, pose.yaw, pose.roll))
        if k % 10 == 5:
            faces.append(recogniser.embed(image, face))
    return Measured(np.array(gaps), np.array(angles), np.array(faces).reshape(-1, 128))


def phone_lips(gaps: np.ndarray, fps: float, speech: Speech) -> tuple[float, float, float]:
    """Return correlation with what the phones ask for at the best lag, that lag, ms, and AUROC."""
    if not speech.phones:
        return np.nan, np.nan, np.nan
    times = (np.arange(len(gaps)) + 0.5) / fps
    asked = np.zeros(len(gaps))
    opened, shut = [], []
    for phone in speech.phones:
        inside = (times >= phone.start) & (times < phone.end)
        level = 1.0 if phone.symbol in OPEN else 0.6 if phone.symbol in VOWELS else 0.3
        asked[inside] = 0.0 if phone.symbol in SHUT or phone.symbol == "SIL" else level
        near = np.abs(times - (phone.start + phone.end) / 2) < 0.6 / fps + 0.01
        if near.any() and phone.symbol in OPEN:
            opened.append(np.nanmax(gaps[near]))
        if near.any() and phone.symbol in SHUT:
            shut.append(np.nanmin(gaps[near]))
    width = max(round(0.1 * fps), 1)
    asked = np.convolve(asked, np.ones(width) / width, "same")
    known = ~np.isnan(gaps)
    fits = {lag: np.corrcoef(np.roll(asked, lag)[known], gaps[known])[0, 1] for lag in range(-2, 3)}
    best = max(fits, key=lambda lag: fits[lag])
    over = np.nan
    if shut and opened:
        over = np.mean([[float(a > b) + 0.5 * float(a == b) for b in shut] for a in opened])
    return fits[best], 1000 * best / fps, float(over)


def on_top(scores: EmotionScores, target: str) -> float:
    """Return the share of frames with a face in which the target is the top label."""
    values = scores.values[scores.found]
    return float((np.argmax(values, axis=1) == scores.labels.index(target)).mean())


def original_sound(clip: Cut) -> Speech:
    """Return the clip's own sound as a speech that changes nothing."""
    audio = clip.sound(16000)
    try:
        phones = timed(audio, backend("transcriber", "whisper").transcribe(audio))[1]
    except NoSpeechError:
        phones = ()
    return Speech(audio, "", phones, time_map=((0.0, 0.0), (audio.duration, audio.duration)))


def prompt_of(emotion: str, level: str) -> EmotionPrompt:
    try:
        return replace(EmotionPrompt.parse(emotion), intensity=float(level))
    except ValueError:
        return EmotionPrompt.parse(f"{level} {emotion}".strip())


def animated(
    mode: str,
    clip: Cut,
    speech: Speech,
    prompt: EmotionPrompt,
    finder: FaceFinder,
    film: FilmAnimator,
) -> Animation:
    if mode == "rig":
        emoter = backend("face_emoter", "rig", finder=finder)
        face = FaceAnimation(emoter, backend("animator", "rig", fps=clip.fps, finder=finder))
        stills = face.portraits(clip, prompt)
        return face.animate(stills.best, speech, prompt, clip)
    still = next(clip.frames()).image
    return film.animate(Portrait(still, still), speech, prompt, clip)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--emotions", nargs="+", default=[str(e) for e in TARGETS])
    parser.add_argument("--intensities", nargs="+", default=["very very"])
    parser.add_argument("--modes", nargs="+", default=["same", "new"])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--classifiers", nargs="+", default=["facex"])
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--voice-of")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    finder, recogniser = FaceFinder(), FaceRecogniser()
    judges = {name: backend("classifier", name, finder=finder) for name in options.classifiers}
    voice = backend("voice", "hibari")
    print(
        "mode emotion      judge     EDD    mean      top    identity  lips     phones"
        "       lag    AUROC    head  CPU ms  clip"
    )
    spread: dict[tuple[str, str, str], list[float]] = {}
    for path in options.clips:
        clip = Cut.of(path, options.seconds)
        originals = [f.image for f in clip.frames()]
        before = measured(originals, finder, recogniser)
        film = FilmAnimator(finder=finder)
        film.prepare(Portrait(originals[0], originals[0]), clip)
        own = original_sound(clip)
        own_phones = phone_lips(before.gaps, clip.fps, own)
        like = own.audio
        if options.voice_of and not own.phones:
            like = Cut.of(options.voice_of, options.seconds).sound(16000)
        whole = Made(originals, clip.fps, clip.size)
        scores = {name: score_clip(judge, whole, options.every) for name, judge in judges.items()}
        for emotion, level in product(options.emotions, options.intensities):
            prompt = prompt_of(emotion, level)
            emotion = emotion if len(options.intensities) == 1 else f"{emotion} {level}"
            spoken = None
            for mode in options.modes:
                if mode == "same":
                    speech = own
                else:
                    spoken = spoken or voice.speak(options.text, prompt, like)
                    speech = spoken
                started = time.process_time()
                moving = animated(mode, clip, speech, prompt, finder, film)
                wanted = islice(moving.frames, round(options.seconds * moving.fps))
                pictures = list(wanted)
                spent = 1000 * (time.process_time() - started) / len(pictures)
                if options.out:
                    options.out.mkdir(parents=True, exist_ok=True)
                    name = options.out / f"{Path(path).stem}_{mode}_{emotion}.mp4"
                    write_video(name, replace(moving, frames=iter(pictures)), speech.audio)
                after = measured(pictures, finder, recogniser)
                target = str(prompt.emotion)
                if mode == "same":
                    shared = min(len(after.gaps), len(before.gaps))
                    a_gap, b_gap = after.gaps[:shared], before.gaps[:shared]
                    known = ~np.isnan(a_gap + b_gap)
                    lips = float(np.corrcoef(a_gap[known], b_gap[known])[0, 1])
                    expected = own_phones
                else:
                    lips, expected = np.nan, (np.nan, np.nan, np.nan)
                follows, lag, over = phone_lips(after.gaps, moving.fps, speech)
                apart = identity_distance(before.faces, after.faces).distance
                head = float(np.nanmean(np.nanstd(after.angles, axis=0)))
                for name, judge in judges.items():
                    made = score_clip(judge, Made(pictures, moving.fps, moving.size), options.every)
                    if target not in made.labels:
                        continue
                    a, b = (s.of(target)[s.found] for s in (scores[name], made))
                    value = edd(a, b, window=1).edd
                    top = [on_top(each, target) for each in (scores[name], made)]
                    spread.setdefault((mode, emotion, name), []).append(value)
                    print(
                        f"{mode:4} {emotion:12} {name:5} {value:7.2f} "
                        f"{a.mean():5.2f}>{b.mean():4.2f} "
                        f"{top[0]:4.2f}>{top[1]:4.2f} {apart:7.2f} {lips:7.2f} "
                        f"{expected[0]:5.2f}>{follows:4.2f} {lag:5.0f} "
                        f"{expected[2]:5.2f}>{over:4.2f} "
                        f"{head:6.1f} {spent:7.0f}  {Path(path).name}",
                        flush=True,
                    )
    for (mode, emotion, name), values in spread.items():
        print(
            f"{mode:4} {emotion:12} {name:5} mean EDD {np.mean(values):.2f}, "
            f"worst {np.max(values):.2f}"
        )


if __name__ == "__main__":
    main()
