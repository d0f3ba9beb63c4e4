"""Where what was said goes over from one emotion to the next, by a timeline."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from emoanim.clips import Transcript, Word
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.errors import EmotionError

__all__ = ["SourcePassage", "passages_of", "timeline_of"]

# A change of emotion waits for the end of a sentence, or comes early, rather than break it: what
# it costs in seconds to change after a clause or in a pause, and between any two words.
_AT_CLAUSE, _AT_WORD = 0.6, 1.5
_PAUSE = 0.2
_STEP = 0.02
"""Passages end at whole multiples, so that frames of a recording are not divided."""
_REACH = 0.12
"""Seconds by which a passage may end sooner or later, where the recording is quieter."""
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_CLAUSE_END = re.compile(r"[,;:—–-][\"'”’»)\]]*$")
_NO_END = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|prof|vs|etc|e\.g|i\.e)|\b[A-Z])\.$", re.IGNORECASE)


class SourcePassage(NamedTuple):
    """A stretch of a recording that is said in one emotion.

    Attributes:
        start, end: seconds of the recording; passages lie end to end from 0 to its end.
        prompt: the emotion.
        transcript: what is said in it, the words' times from the start of the recording.
        pause: silence in the recording at its end, seconds.
    """

    start: float
    end: float
    prompt: EmotionPrompt
    transcript: Transcript
    pause: float


def passages_of(
    transcript: Transcript,
    timeline: Timeline,
    duration: float,
    quietest: Callable[[Sequence[float]], float] | None = None,
) -> tuple[list[SourcePassage], tuple[str, ...]]:
    """Cut a recording where its emotion changes: at the end of the sentence that is nearest.

    A change of a timeline by the clock comes at the end of a sentence if one is near, else after
    a clause or in a pause, else between two words.

    Args:
        transcript: what was said, with at least one word.
        timeline: the emotions.
        duration: of the recording, seconds.
        quietest: which of some seconds is the quietest in the recording, to cut there; without it
            a cut comes in the middle between the times of two words, which are seldom exact.

    Returns:
        The passages in order, neighbours in the same emotion as one; and notes for the user.

    Raises:
        EmotionError: the timeline starts an emotion after the recording's end, or has more
            emotions than there are sentences.
    """
    words, notes = _words(transcript, duration)
    if timeline.by_sentence:
        firsts = [0, *(i for i in range(1, len(words)) if _ends_sentence(words, i))]
        if len(timeline.prompts) > len(firsts):
            raise EmotionError(
                f"{len(timeline.prompts)} emotions given for {len(firsts)} sentence"
                f"{'s' * (len(firsts) > 1)} ({_shown(transcript.text)}); expected at most one for "
                "each. Leave some out, or say from which second each holds: 'happy@0 sad@2.5'."
            )
        firsts = firsts[: len(timeline.prompts)]
        prompts = list(timeline.prompts)
    else:
        timeline.check_within(duration)
        firsts, prompts, unsaid = _by_clock(words, timeline)
        notes += [
            f"nothing is said from {start:g} s on until the next emotion: {prompt.text!r} is left "
            "out"
            for start, prompt in unsaid
        ]
    whole = [
        (first, prompt)
        for index, (first, prompt) in enumerate(zip(firsts, prompts, strict=True))
        if not index or prompt != prompts[index - 1]
    ]
    bounds = [first for first, _ in whole] + [len(words)]
    cuts = [0.0, *(_cut(words, i, quietest) for i in bounds[1:-1]), duration]
    passages = []
    for (first, last), (start, end), (_, prompt) in zip(
        pairwise(bounds), pairwise(cuts), whole, strict=True
    ):
        said = words[first:last]
        pause = 0.0 if last == len(words) else max(words[last].start - words[last - 1].end, 0.0)
        text = " ".join(word.text.strip() for word in said)
        part = Transcript(text, transcript.language, tuple(said), end - start)
        passages.append(SourcePassage(start, end, prompt, part, pause))
    return passages, tuple(notes)


def timeline_of(
    texts: Sequence[str], prompts: Sequence[EmotionPrompt], given: str = ""
) -> tuple[str, Timeline]:
    """Return texts one after the other, and the timeline that says each in its emotion.

    A text that does not begin or end as a sentence is made to.

    Args:
        texts: of one or more sentences each.
        prompts: one for each text.
        given: the words that the user gave for the timeline.
    """
    whole, each = [], []
    for text, prompt in zip(texts, prompts, strict=True):
        sentence = text.strip()
        sentence = sentence[:1].upper() + sentence[1:]
        if not _SENTENCE_END.search(sentence):
            sentence += "."
        words, _ = _words(Transcript(sentence), 1.0)
        each += [prompt] * (1 + sum(_ends_sentence(words, i) for i in range(1, len(words))))
        whole.append(sentence)
    return " ".join(whole), Timeline(tuple(each), (), given)


def _words(transcript: Transcript, duration: float) -> tuple[list[Word], list[str]]:
    """Return the words as the text has them, with times; spread evenly where none are known."""
    tokens = transcript.text.split()
    timed = [word for word in transcript.words if word.text.strip()]
    if len(timed) == len(tokens):
        pairs = zip(timed, tokens, strict=True)
        return [word._replace(text=token) for word, token in pairs], []
    if timed:
        return timed, []
    total = sum(len(token) + 1 for token in tokens)
    words, at = [], 0
    for token in tokens:
        end = at + len(token) + 1
        words.append(Word(token, duration * at / total, duration * end / total))
        at = end
    return words, ["the words have no times; the emotions change where they are likely to be said"]


def _by_clock(
    words: Sequence[Word], timeline: Timeline
) -> tuple[list[int], list[EmotionPrompt], list[tuple[float, EmotionPrompt]]]:
    """Return the first word of each passage, its prompt, and what falls where nothing is said."""
    firsts, prompts = [0], [timeline.prompts[0]]
    unsaid = []
    for start, prompt in zip(timeline.starts[1:], timeline.prompts[1:], strict=True):
        choices = range(firsts[-1] + 1, len(words))
        if start >= words[-1].end or not choices:
            unsaid.append((start, prompt))
            continue
        firsts.append(min(choices, key=lambda i: abs(_cut(words, i) - start) + _cost(words, i)))
        prompts.append(prompt)
    return firsts, prompts, unsaid


def _cut(
    words: Sequence[Word],
    index: int,
    quietest: Callable[[Sequence[float]], float] | None = None,
) -> float:
    before, after = words[index - 1], words[index]
    step = round((before.end + after.start) / 2.0 / _STEP)
    if quietest is None:
        return round(step * _STEP, 6)
    # Within the words' own halves, so that each stays in its passage.
    first = max(step - round(_REACH / _STEP), int((before.start + before.end) / 2.0 / _STEP) + 1)
    last = min(step + round(_REACH / _STEP), int((after.start + after.end) / 2.0 / _STEP))
    return quietest([round(k * _STEP, 6) for k in range(first, last + 1)] or [step * _STEP])


def _cost(words: Sequence[Word], index: int) -> float:
    if _ends_sentence(words, index):
        return 0.0
    paused = words[index].start - words[index - 1].end >= _PAUSE
    return _AT_CLAUSE if paused or _CLAUSE_END.search(words[index - 1].text) else _AT_WORD


def _ends_sentence(words: Sequence[Word], index: int) -> bool:
    """Whether a sentence ends before a word."""
    before, after = words[index - 1].text.strip(), words[index].text.strip()
    ends = _SENTENCE_END.search(before) is not None and _NO_END.search(before) is None
    return ends and not after[:1].islower()


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
