"""How each stage of a video is made, from the results of the stages before."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoanim.clips import Portrait, Speech, Transcript
from emoanim.face import (
    animator_of,
    best_first,
    changeable,
    chosen_person,
    pick_frames,
    rank_stills,
)
from emoanim.persons import Person, PersonClip
from emoanim.protocols import Preparing, RatesFrames
from emoanim.registry import ROLES
from emoanim.registry.checks import checked_motion
from emoanim.runs.honouring import notes_on_parts
from emoanim.runs.marking import Marking
from emoanim.settings import Settings
from emoanim.speech import check_said, hear_words, speak_words, write_words
from emoanim.study.storage import encoding
from emoanim.study.storage.keys import digest_of_file
from emoanim.study.workers.tasks import Task

if TYPE_CHECKING:
    from emoanim.media import Video
    from emoanim.study.workers.worker import Worker

__all__ = [
    "MAKERS",
    "DamagedEntryError",
    "cached_portrait",
    "cached_speech",
    "cached_transcript",
    "person_of",
]

Made = tuple[bytes, dict[str, Any]]


class DamagedEntryError(Exception):
    """A cache entry that was to be read is not what was written; it was removed."""


def _clip(worker: Worker, task: Task) -> Made:
    path = task.item.clip.path
    clip = worker.clips.get(path)
    facts = {
        "content": digest_of_file(path),
        "bytes": path.stat().st_size,
        "duration": clip.duration,
        "fps": clip.fps,
        "size": list(clip.size),
    }
    return b"", facts


def _transcribe(worker: Worker, task: Task) -> Made:
    settings = task.item.settings
    clip = _video(worker, task)
    audio = clip.audio()
    transcriber = worker.backends.get("transcriber", settings, task.item.base_seed)
    transcript = hear_words(transcriber, audio)
    facts = {
        "text": transcript.text,
        "duration": audio.duration,
        "placement": list(clip.placement),
    }
    return encoding.encode_transcript(transcript), facts


def _pick(worker: Worker, task: Task) -> Made:
    item, finder = task.item, worker.backends.finder
    clip = _video(worker, task)
    person, said = chosen_person(clip, item.settings.chosen_person, finder)
    count, seed = item.settings.stills, item.seed_of("face")
    frames, notes = pick_frames(clip, count, seed, finder, person)
    facts = {"times": [frame.time for frame in frames], "notes": [*said, *notes]}
    return b"", facts if person is None else {**facts, "person": person.to_list()}


def _rewrite(worker: Worker, task: Task) -> Made:
    item = task.item
    emoter = worker.backends.get("text_emoter", item.settings, item.seed_of("words"))
    duration = float(task.entries["transcribe"].facts["duration"])
    transcript = cached_transcript(worker, task)
    if not transcript.text.strip():  # only then it matters whose the voice is
        voice = worker.backends.get("voice", item.settings, item.seed_of("voice"))
        check_said(transcript, _video(worker, task).audio(), voice, item.asked)
    written = write_words(emoter, transcript, item.asked, duration)
    facts = {"text": written.text, "notes": list(written.notes)}
    return encoding.encode_texts(written.texts), facts


def _speak(worker: Worker, task: Task) -> Made:
    item = task.item
    voice = worker.backends.get("voice", item.settings, item.seed_of("voice"))
    speech, notes = speak_words(
        voice,
        encoding.decode_texts(_payload(worker, task, "rewrite")),
        cached_transcript(worker, task),
        item.asked,
        _video(worker, task).audio(),
        bed=item.settings.bed,
    )
    facts = {
        "content": encoding.content_of_speech(speech),
        "duration": round(speech.audio.duration, 4),
        "notes": list(notes),
    }
    return encoding.encode_speech(speech), facts


def _emote(worker: Worker, task: Task) -> Made:
    portrait, facts = _best_still(worker, task)
    try:
        return encoding.encode_portrait(portrait), facts
    except TypeError:
        # A backend that keeps what no file can hold: the film stage makes the still again.
        return b"", {**facts, "kept": False}


def _best_still(worker: Worker, task: Task) -> tuple[Portrait, dict[str, Any]]:
    item, settings = task.item, task.item.settings
    times = task.entries["pick"].facts["times"]
    emoter = worker.backends.get("face_emoter", settings, item.seed_of("face"))
    video = _video(worker, task)
    clip = worker.clips.alone(video, person_of(task))
    prompt = item.main(video.duration)
    if settings.classifier is None and isinstance(emoter, RatesFrames):
        # One still is animated: the others need not be made to know that they are not the one.
        fittest = best_first(_ratings(worker, task, emoter, clip))[0]
        best: Portrait = worker.stills.get(emoter, prompt, clip, [times[fittest]])[0]
    else:
        stills = worker.stills.get(emoter, prompt, clip, times)
        ranker = None
        if settings.classifier is not None:
            ranker = worker.backends.get("classifier", settings, item.base_seed)
        best = stills[rank_stills(stills, prompt, ranker)[0]]
    return best, {"time": best.time, "quality": best.quality}


def _ratings(
    worker: Worker, task: Task, emoter: RatesFrames, clip: Video | PersonClip
) -> list[float | None]:
    """Return how fit the drawn frames are; all emotions and workers share one look at them."""
    item, times = task.item, task.entries["pick"].facts["times"]
    chosen = item.settings.face_emoter
    plain: Callable[[list[float | None]], list[float | None]] = list
    return worker.analyses.recall(
        "ratings/1", clip, lambda: worker.stills.rated(emoter, clip, times), plain, plain,
        times=times, by=[chosen.name, chosen.options], seed=item.seed_of("face"),
    )  # fmt: skip


def _film(worker: Worker, task: Task) -> Made:
    from emoanim.media import Placement, digest_of_streams, write_video

    item, settings = task.item, task.item.settings
    clip = _video(worker, task)
    still, speech = cached_portrait(worker, task), cached_speech(worker, task)
    prompt = item.main(clip.duration)
    if speech.passages:
        emoter = worker.backends.get("face_emoter", settings, item.seed_of("face"))
        still = changeable(emoter, still)
    animator = worker.backends.get("animator", settings, item.seed_of("face"))
    animator, source = animator_of(animator, person_of(task), clip)
    if isinstance(animator, Preparing):
        animator.prepare(still, source)
    moving = checked_motion(animator, animator.animate(still, speech, prompt, source), speech)
    seeded = settings.model_copy(update={"seed": item.seed})
    marking = Marking(seeded, item.asked, item.clip.path, {"backends": _backends(settings)})
    with _beside(worker, item.output) as hidden:
        tags, sign = marking.tags(speech.text), marking.signer(item.output)
        write_video(
            hidden,
            moving,
            speech.audio,
            tags=tags,
            sign=sign,
            encoder=settings.encoder,
            placement=Placement(*task.entries["transcribe"].facts["placement"]),
        )
        about = worker.backends.about(settings)
        facts = {
            "video": item.output,
            "sha256": digest_of_file(hidden),
            # A signature bears its time: what is equal again is what is shown and heard.
            "content": digest_of_streams(hidden),
            "bytes": hidden.stat().st_size,
            "frames": moving.length,
            "fps": moving.fps,
            "size": list(moving.size),
            "notes": list(notes_on_parts(about, item.asked, prompt)),
        }
        worker.output.take(item.output, hidden)
    return b"", facts


MAKERS: Mapping[str, Callable[[Worker, Task], Made]] = {
    "clip": _clip,
    "transcribe": _transcribe,
    "pick": _pick,
    "rewrite": _rewrite,
    "speak": _speak,
    "emote": _emote,
    "film": _film,
}
"""Stage -> what makes its payload and the facts that are kept with it."""


def cached_transcript(worker: Worker, task: Task) -> Transcript:
    """Return the transcript that was made before.

    Raises:
        DamagedEntryError: it is not there any more as it was.
    """
    return encoding.decode_transcript(_payload(worker, task, "transcribe"))


def cached_speech(worker: Worker, task: Task) -> Speech:
    """Return the speech that was made before.

    Raises:
        DamagedEntryError: it is not there any more as it was.
    """
    return encoding.decode_speech(_payload(worker, task, "speak"))


def cached_portrait(worker: Worker, task: Task) -> Portrait:
    """Return the still that was made before, or make it again if no file can hold it.

    Raises:
        DamagedEntryError: it is not there any more as it was.
    """
    if task.entries["emote"].facts.get("kept") is False:
        return _best_still(worker, task)[0]
    return encoding.decode_portrait(_payload(worker, task, "emote"))


def person_of(task: Task) -> Person | None:
    """Return who of several was chosen for a sample; None if nobody was."""
    kept = task.entries["pick"].facts.get("person")
    return None if kept is None else Person.from_list(kept)


def _payload(worker: Worker, task: Task, stage: str) -> bytes:
    entry = task.entries[stage]
    cached = worker.cache.read(stage, entry.key)
    if cached is None or cached[0].digest != entry.digest:
        raise DamagedEntryError(f"the cache entry {stage}/{entry.key} is gone or damaged")
    return cached[1]


def _backends(settings: Settings) -> str:
    chosen = {role: getattr(settings, role) for role in ROLES}
    return ", ".join(f"{role}={c.name}" for role, c in chosen.items() if c is not None)


def _video(worker: Worker, task: Task) -> Video:
    return worker.clips.get(task.item.clip.path, task.item.settings.audio_track)


@contextmanager
def _beside(worker: Worker, output: str) -> Iterator[Path]:
    """Give a temporary name, on the disk that the file will be moved to if that lies here."""
    with tempfile.TemporaryDirectory(prefix="film-", dir=worker.output.scratch()) as folder:
        yield Path(folder) / f"film{Path(output).suffix}"
