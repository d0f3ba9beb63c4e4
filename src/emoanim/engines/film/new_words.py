"""The film with an emotion on it and other words in the person's mouth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Animation, Image, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film.delivery import expression_of, follows_phones, mean_of, taken
from emoanim.engines.film.film import Film
from emoanim.engines.film.following import Seen
from emoanim.engines.film.mouth_at_rest import gap_of
from emoanim.engines.film.path import way_through
from emoanim.engines.film.rendering import in_order
from emoanim.engines.film.speaking import Calm, SpeakingCanvas
from emoanim.engines.rig.motion.easing import mixed, prompts_and_shares
from emoanim.engines.rig.motion.performance import Performance, perform

__all__ = ["new_words"]

GAPS = {"26": 0.14, "25": 0.043, "16": 0.038, "10": 0.03}
"""By how much units part the lips, over the distance of the eyes."""
GAP_COST = 6.0
"""Cost of a mouth that must be opened or closed by the distance of the eyes."""
FAR = 0.25
"""A mouth that is that far from rest costs half a point, cm."""
UNUSABLE = 5.0
"""Cost of a frame that cannot be used."""
APART = 1.2
"""Seconds between two turns in the film, at least: a head must not tremble."""


class _Job(NamedTuple):
    seen: Seen
    units: dict[str, float]
    shares: NDArray[np.float64]


def new_words(
    film: Film,
    speech: Speech,
    prompt: EmotionPrompt,
    seed: int = 0,
    start: float | None = None,
    threads: int = 2,
) -> Animation:
    """Walk through the film as long as the speech lasts; the lips say the speech.

    Head, hands, eyes and blinks are those of the frames that are shown.

    Args:
        film: of the person.
        speech: with phones, else the lips follow the sound.
        prompt: the emotion, if the speech has no passages.
        seed: of the life in the expression.
        start: second of the film to begin at; where it suits best by default.
        threads: that render.
    """
    fps = film.clip.fps
    length = max(1, math.ceil(speech.audio.duration * fps - 1e-6))
    times = (np.arange(length, dtype=np.float64) + 0.5) / fps
    prompts, shares = prompts_and_shares(prompt, speech.passages, times)
    expressions = [expression_of(each, new_words=True) for each in prompts]
    scores = [
        perform(
            speech,
            each,
            fps=fps,
            seed=seed,
            expression=expression,
            movement=0.0,
            follows=follows_phones(each),
        )
        for each, expression in zip(prompts, expressions, strict=True)
    ]
    score = mixed(scores, shares)
    canvas = SpeakingCanvas(film.person, film.rest, film.mouth, film.softness)
    yielding = [taken(each) for each in prompts]
    droops = np.array([expression.get("43", 0.0) for expression in expressions])

    def frame(job: _Job) -> Image:
        seen = job.seen
        if seen.points is None or seen.strength <= 0:
            return seen.image
        gives_way = mean_of(yielding, job.shares)
        own = gives_way.of(film.person.expression(seen))
        away = {name: -weight for name, weight in own.items()}
        calm = Calm(gives_way.anchors(film, seen), skin=gives_way.skin)
        # The film's own blinks are there; of the score's only what the emotion holds stays.
        asked = job.units | {"43": float(droops @ job.shares)}
        asked["5"] = asked.get("5", 0.0) + gives_way.raised_lids(film)
        return canvas.render(seen.image, seen.points, seen.irises, asked, away, seen.strength, calm)

    way = _way(film, score, start)
    jobs = (
        _Job(film.reel[shown], score.units(k), shares[k]) for k, shown in enumerate(way.tolist())
    )
    size = film.clip.size
    return Animation(fps, size, len(score), in_order(frame, jobs, threads, size))


def _way(film: Film, score: Performance, start: float | None) -> NDArray[np.intp]:
    known = film.reel.frames
    opening = sum(part * score.of(unit) for unit, part in GAPS.items())
    wanted = np.maximum(opening, 0.0) * (1.0 - score.of("seal"))
    gaps = np.array([0.0 if s.points is None else gap_of(s.points) for s in known])
    effort = np.minimum(film.effort, 4 * FAR)
    against = 0.5 * (effort / FAR) ** 2
    against += UNUSABLE * (1.0 - np.array([s.strength for s in known]))
    costs = np.column_stack([GAP_COST * gaps, against])
    first = None
    if start is not None and start <= known[-1].time:
        first = int(np.argmin([abs(s.time - start) for s in known]))
    apart = round(APART * film.clip.fps)
    shots = [s.shot for s in known]
    return way_through(GAP_COST * wanted, costs, _speed(known), apart, first, shots)


def _speed(known: Sequence[Seen]) -> NDArray[np.float64]:
    """Return how fast the head moves in each frame, sizes of the face a second."""
    if len(known) < 2:
        return np.zeros(len(known))
    positions = np.array(
        [(np.nan,) * 3 if s.points is None else s.points[[1, 33, 263]].mean(0) for s in known]
    )
    sizes = [np.ptp(s.points[:, 1]) for s in known if s.points is not None]
    size = float(np.median(sizes)) if sizes else 1.0
    times = np.array([s.time for s in known])
    speed = np.linalg.norm(np.gradient(positions[:, :2] / size, times, axis=0), axis=1)
    return np.asarray(np.nan_to_num(speed, nan=0.0), np.float64)
