"""An evaluation as plain values for JSON: NaN becomes None, and its reason stands beside."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from emoanim.evaluation.clip_measures import ClipMeasures
from emoanim.metrics import EDDResult, Measured
from emoanim.portable_messages import portable
from emoanim.scoring.emotion_change import EmotionChange

if TYPE_CHECKING:
    from emoanim.evaluation.comparison import Evaluation

__all__ = ["plain_evaluation"]


def plain_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    """Return everything but the frames' scores, ready for ``json.dumps(allow_nan=False)``."""
    identity = evaluation.identity
    return {
        "emotion": str(evaluation.emotion),
        "edd": _number(evaluation.edd),
        "warnings": [portable(warning) for warning in evaluation.warnings],
        "classifiers": [_change(evaluation, c) for c in evaluation.changes],
        "agreement": {
            side: {
                "classifiers": list(a.classifiers),
                "kappa": _number(a.kappa),
                "interval": [_number(v) for v in a.interval],
                "observed": _number(a.observed),
                "frames": a.frames,
                "unshared": a.unshared,
                "faceless": a.faceless,
            }
            for side, a in evaluation.agreements.items()
        },
        "identity": {
            "distance": _number(identity.distance),
            "within_original": _number(identity.within),
            "faces": list(identity.faces),
            "different": identity.different,
            "paired": identity.paired,
            "reason": identity.reason,
        },
        "original": _clip(evaluation.original),
        "generated": _clip(evaluation.generated),
        "licences": dict(evaluation.licences),
        "settings": dict(evaluation.settings),
        "seconds": {k: round(v, 3) for k, v in evaluation.seconds.items()},
    }


def _change(evaluation: Evaluation, change: EmotionChange) -> dict[str, Any]:
    return {
        "classifier": change.classifier,
        "weights": dict(evaluation.observations[0].weights.get(change.classifier, {})),
        "edd": _edd(change.edd),
        "edd_unsmoothed": _edd(change.unsmoothed),
        "edd_null": _edd(change.null),
        "mean_probability": [_number(v) for v in change.mean],
        "top1_rate": [_number(v) for v in change.top],
        "target_seen": change.seen,
        "coverage": [_number(v) for v in change.coverage],
        "frames": list(change.frames),
        "emotions": {
            label: {
                "mean": [_number(v) for v in means],
                "top1_rate": [_number(v) for v in shares],
                "edd": _number(value),
            }
            for label, means, shares, value in zip(
                change.labels, change.means, change.shares, change.profile, strict=True
            )
        },
        "notes": list(change.notes),
    }


def _edd(result: EDDResult) -> dict[str, Any]:
    options = result.options
    values: dict[str, Any] = {
        "edd": _number(result.edd),  # as in EDDResult.to_dict
        "value": _number(result.edd),
        "auroc": _number(result.auroc),
        "n": result.n,
        "m": result.m,
        "pairs_greater": result.pairs_greater,
        "pairs_tied": result.pairs_tied,
        "bounds": [_number(v) for v in result.bounds],
        "window": list(options.window),
        "edge": options.edge,
        "ties": options.ties,
        "reason": result.reason,
    }
    if result.interval is not None:
        values["interval"] = {
            "low": _number(result.interval.low),
            "high": _number(result.interval.high),
            "level": result.interval.level,
            "method": result.interval.method,
            "notes": list(result.interval.notes),
        }
    return values


def _clip(clip: ClipMeasures) -> dict[str, Any]:
    lips = clip.lips
    return {
        "name": clip.name,
        "frames": clip.frames,
        "fps": _number(clip.fps),
        "coverage": _number(clip.coverage),
        "face_size": _number(clip.face_size),
        "cpbd": _measured(clip.sharpness),
        "head_motion": _measured(clip.head_motion),
        "beat_alignment": _measured(clip.beat_alignment),
        "lip_sync": {
            "correlation": _number(lips.correlation),
            "lag_seconds": _number(lips.lag),
            "at_zero": _number(lips.at_zero),
            "seconds": _number(lips.seconds),
            "method": "mouth opening of the mesh against loudness, best shift up to 0.5 s",
            "reason": lips.reason,
            "lag_reason": lips.lag_reason,
        },
        "psnr": None if clip.psnr is None else _measured(clip.psnr),
    }


def _measured(value: Measured) -> dict[str, Any]:
    return {
        "value": _number(value.value),
        "method": value.method,
        "n": value.n,
        "reason": value.reason,
        "notes": list(value.notes),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
