"""The film with an emotion on it and its words as they were: lips stay the person's own."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Animation, Image, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film.between import between
from emoanim.engines.film.delivery import LIPS_ONLY, expression_of, mean_of, strengths, taken
from emoanim.engines.film.film import Film
from emoanim.engines.film.rendering import in_order
from emoanim.engines.film.speaking import Calm, SpeakingCanvas
from emoanim.engines.film.timing import Moment, TimeMap, moments, positions
from emoanim.engines.rig.motion.easing import prompts_and_shares

__all__ = ["same_words"]


class _Job(NamedTuple):
    moment: Moment
    strength: float
    shares: NDArray[np.float64]


def same_words(
    film: Film, speech: Speech, prompt: EmotionPrompt, time_map: TimeMap, threads: int = 2
) -> Animation:
    """Show the film as long as the speech, every moment where the speech has it.

    Args:
        film: what was said, and how it looked.
        speech: the same words, perhaps faster or slower.
        prompt: the emotion, if the speech has no passages.
        time_map: (second of the speech, second of the film) knots.
        threads: that render.
    """
    fps = film.clip.fps
    length = max(1, math.ceil(speech.audio.duration * fps - 1e-6))
    times = np.arange(length) / fps
    canvas = SpeakingCanvas(film.person, film.rest)
    film.reel.put_away()  # the film itself is shown, from its first frame on
    prompts, shares = prompts_and_shares(prompt, speech.passages, times)
    laid = [
        {n: w for n, w in expression_of(each).items() if n not in LIPS_ONLY} for each in prompts
    ]
    yielding = [taken(each) for each in prompts]

    def frame(job: _Job) -> Image:
        seen = job.moment.first
        if job.moment.second is not None:
            seen = between(seen, job.moment.second, job.moment.share)
        if seen.points is None or seen.strength <= 0:
            return seen.image
        asked: dict[str, float] = {}
        for units, share in zip(laid, job.shares.tolist(), strict=True):
            for name, weight in units.items() if share else ():
                asked[name] = asked.get(name, 0.0) + job.strength * weight * share
        gives_way = mean_of(yielding, job.shares)
        asked["5"] = asked.get("5", 0.0) + gives_way.raised_lids(film)
        shown = gives_way.of(film.person.expression(seen))
        away = {name: -own for name, own in shown.items()}
        way = gives_way.anchors(film, seen)
        calm = Calm(way, gives_way.mouth, gives_way.opening, gives_way.skin)
        return canvas.render(seen.image, seen.points, seen.irises, asked, away, seen.strength, calm)

    shown = moments(film.frames(), positions(length, fps, time_map), fps)
    jobs = map(_Job, shown, strengths(speech.audio, times).tolist(), shares)
    size = film.clip.size
    return Animation(fps, size, length, in_order(frame, jobs, threads, size))
