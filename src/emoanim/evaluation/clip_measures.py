"""What one clip shows besides emotion, and what to warn of in a pair."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.evaluation.agreement import Agreement
from emoanim.evaluation.identity import SAME_PERSON, IdentityDistance, identity_distance
from emoanim.evaluation.lip_lag import LipLag, lip_lag
from emoanim.evaluation.observation import CROP, Observation
from emoanim.metrics import Measured, beat_alignment, head_motion_diversity, motion_beats
from emoanim.metrics.measured import mean_of
from emoanim.scoring.emotion_change import EmotionChange

__all__ = ["ClipMeasures", "identity_of", "measures_of", "pair_warnings"]

_LOW_COVERAGE, _LEAST_COVERAGE = 0.9, 0.5
_LITTLE_AGREEMENT = 0.4
_ONE_LABEL = 0.8
_LATE = 0.1
"""Seconds of lag from which people notice it."""
_FOLLOWS = 0.3
"""Correlation from which the lips can be said to go with the sound at all."""


@dataclass(frozen=True, slots=True, eq=False)
class ClipMeasures:
    """What one clip shows besides emotion.

    Attributes:
        name: of the clip.
        frames: looked at.
        fps: of these; NaN for stills.
        coverage: share of them with a face, in [0, 1].
        face_size: median of the face's longer side, pixels.
        sharpness: CPBD of the face crop at 256x256, in [0, 1], higher is sharper.
        head_motion: deviation of yaw, pitch and roll in degrees.
        beat_alignment: of the head's motion with the sound's onsets, in [0, 1].
        lips: mouth against loudness.
        psnr: against the aligned reference; None without one.
    """

    name: str
    frames: int
    fps: float
    coverage: float
    face_size: float
    sharpness: Measured
    head_motion: Measured
    beat_alignment: Measured
    lips: LipLag
    psnr: Measured | None


def measures_of(clip: Observation) -> ClipMeasures:
    """Compute the measures of one clip."""
    seen = ~np.isnan(clip.mouth)
    main = next(iter(clip.scores.values()), None)
    unseen = math.nan if main is None else main.coverage
    coverage = float(seen.mean()) if len(seen) else unseen
    size = float(np.median(clip.face_size[seen])) if seen.any() else math.nan
    still = math.isnan(clip.fps)
    angles = clip.angles[seen] if len(seen) else np.zeros((0, 3))
    motion = head_motion_diversity([] if still else [angles], features="angles_deg")
    return ClipMeasures(
        name=clip.name,
        frames=len(clip.times),
        fps=clip.fps,
        coverage=coverage,
        face_size=size,
        sharpness=_sharpness(clip, size),
        head_motion=_noted(motion, "pose of the face mesh, not Hopenet's"),
        beat_alignment=_beats(clip, angles, seen),
        lips=lips_of(clip),
        psnr=_psnr(clip.psnr),
    )


def identity_of(original: Observation, generated: Observation) -> IdentityDistance:
    """Compare the persons of two clips; folders of stills picture by picture, if that can be."""
    reason = original.reasons.get("embeddings") or generated.reasons.get("embeddings")
    rows = [len(side.embeddings) for side in (original, generated)]
    stills = [len(s.times) if math.isnan(s.fps) else 0 for s in (original, generated)]
    paired = rows == stills and rows[0] == rows[1] > 1
    return identity_distance(original.embeddings, generated.embeddings, reason, paired=paired)


def pair_warnings(
    changes: Sequence[EmotionChange],
    agreements: Mapping[str, Agreement],
    identity: IdentityDistance,
    original: Observation,
    generated: Observation,
) -> list[str]:
    """Say what must be read with the numbers."""
    # First of all what no low EDD makes up for.
    warnings = [change.unseen for change in changes[:1] if change.unseen is not None]
    if identity.different:
        warnings.append(
            f"these seem to be different people: identity distance {identity.distance:.2f}, one "
            f"person stays under {SAME_PERSON:g}; EDD then compares persons, not emotions"
        )
    for side, clip in (("original", original), ("generated", generated)):
        share = next(iter(clip.scores.values())).coverage
        if share < _LEAST_COVERAGE:
            warnings.append(
                f"a face was found in only {share:.0%} of the {side} frames: do not rely on any "
                "number here"
            )
        elif share < _LOW_COVERAGE:
            warnings.append(
                f"a face was found in {share:.0%} of the {side} frames: read the bounds"
            )
        if clip.several > 1:
            warnings.append(
                f"{clip.several} faces are seen in the {side}; the largest at first was followed"
            )
    for change in changes[:1]:
        warnings += [n for n in change.notes if "frames are there" not in n]
    warnings += _late(original, generated)
    for side, agreed in agreements.items():
        if agreed.kappa < _LITTLE_AGREEMENT:
            names = " and ".join(agreed.classifiers)
            same = f"the same label on {agreed.observed:.0%} of the frames"
            # Chance agrees too where nearly all frames bear one label: kappa cannot be high then.
            warnings.append(
                f"{names} agree little on the {side} (kappa {agreed.kappa:.2f}, {same})"
                if agreed.observed < _ONE_LABEL
                else f"{names} give {same} of the {side}, nearly always one label: their kappa "
                f"({agreed.kappa:.2f}) says nothing"
            )
    for change in changes[1:]:
        first, other = changes[0].edd.edd, change.edd.edd
        if (first - 0.5) * (other - 0.5) < 0:
            warnings.append(
                f"{change.classifier} sees the opposite change (EDD {other:.3f}) of "
                f"{changes[0].classifier} ({first:.3f})"
            )
    return warnings


def _late(original: Observation, generated: Observation) -> list[str]:
    lags = {"original": lips_of(original), "generated": lips_of(generated)}
    return [
        f"in the {side} the sound comes {abs(lips.lag):.2f} s "
        f"{'after' if lips.lag > 0 else 'before'} the lips"
        for side, lips in lags.items()
        if lips.correlation >= _FOLLOWS and abs(lips.lag) > _LATE
    ]


def lips_of(clip: Observation) -> LipLag:
    """Compare mouth and sound of one clip."""
    if not len(clip.mouth):
        return lip_lag(np.zeros(0), clip.mouth, clip.loudness)
    return lip_lag(clip.times, clip.mouth, clip.loudness)


def _sharpness(clip: Observation, size: float) -> Measured:
    method = f"CPBD of the face crop at {CROP}x{CROP}, mean over sampled frames"
    notes = ["noise counts as sharp"]
    if size < CROP:
        notes.append(f"faces of {size:.0f} pixels were enlarged, which blurs")
    why_not = clip.reasons.get("sharpness", "no face crop has an edge of measurable width")
    return mean_of(clip.sharpness, method, why_not, tuple(notes))


def _psnr(each: NDArray[np.float64]) -> Measured | None:
    if not len(each):
        return None
    same = int(np.isnan(each).sum())
    notes = (f"{same} identical frames left out",) if same else ()
    method = "PSNR against the aligned reference, peak 255, mean over frames"
    return mean_of(each, method, "every frame is identical to its reference", notes)


def _beats(clip: Observation, angles: NDArray[np.float64], seen: NDArray[np.bool_]) -> Measured:
    method = "beat alignment, mean over audio beats, sigma 0.1 s"
    if math.isnan(clip.fps) or len(angles) < 3:
        return Measured(math.nan, method, 0, reason="no moving picture with a face")
    if not len(clip.loudness):
        return Measured(math.nan, method, 0, reason="no sound")
    times = clip.times[seen]
    grid = np.arange(times[0], times[-1] + 0.5 / clip.fps, 1.0 / clip.fps)
    even = np.stack([np.interp(grid, times, column) for column in angles.T], axis=1)
    measured = beat_alignment(motion_beats(even, clip.fps) + times[0], clip.onsets)
    return _noted(measured, "onsets of the sound, head angles of the face mesh")


def _noted(measured: Measured, note: str) -> Measured:
    return Measured(
        measured.value,
        measured.method,
        measured.n,
        measured.each,
        measured.reason,
        (*measured.notes, note),
    )
