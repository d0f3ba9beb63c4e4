"""What was learnt of a film as plain values, and a film from them: pictures are read anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.analyses import as_record, from_record
from emoanim.clips import Clip
from emoanim.engines.film.film import Film, Learnt, pictures_of
from emoanim.engines.film.following import Seen
from emoanim.engines.film.mouth_cover import UsualMouth
from emoanim.engines.film.person import Person
from emoanim.engines.film.reel import NO_PICTURE, Reel
from emoanim.engines.film.relaxed_skin import RelaxedSkin
from emoanim.engines.rig.expressions.own_neutral import OwnNeutral
from emoanim.engines.rig.eyes.eyeball import Eyeball
from emoanim.faces import FaceFinder
from emoanim.persons import Person as OneOfSeveral

__all__ = ["film_from", "record_of"]

_MESH, _IRISES = (468, 3), (2, 5, 2)


def record_of(film: Film | None) -> Any:
    """Return what was learnt as arrays and numbers, about 9 kB a frame; None for no film."""
    if film is None:
        return None
    frames = film.reel.frames
    return {
        "time": np.array([seen.time for seen in frames], np.float64),
        "strength": np.array([seen.strength for seen in frames], np.float64),
        "shot": np.array([seen.shot for seen in frames], np.int64),
        "fast": np.stack([seen.fast for seen in frames]),
        "lasting": np.stack([seen.lasting for seen in frames]),
        "anchors": np.stack([seen.anchors for seen in frames]),
        "points": _stacked([seen.points for seen in frames], _MESH),
        "irises": _stacked([seen.irises for seen in frames], _IRISES),
        "person": as_record(film.person),
    }


def film_from(
    record: Any, clip: Clip, finder: FaceFinder, whose: OneOfSeveral | None = None
) -> Film | None:
    """Return the film that ``record_of`` made a record of.

    Args:
        record: of the same clip and person.
        clip: of the person.
        finder: of faces, for what comes after the followed frames.
        whose: see ``Film``.
    """
    if record is None:
        return None
    points, irises = _parted(record["points"]), _parted(record["irises"])
    frames = [
        Seen(
            time=float(record["time"][k]),
            image=NO_PICTURE,
            points=points[k],
            irises=irises[k],
            fast=record["fast"][k],
            lasting=record["lasting"][k],
            anchors=record["anchors"][k],
            strength=float(record["strength"][k]),
            shot=int(record["shot"][k]),
        )
        for k in range(len(record["time"]))
    ]
    reel = Reel(frames, lambda: pictures_of(clip))
    return Film(clip, finder, whose, Learnt(reel, _person(record["person"])))


def _person(record: Mapping[str, Any]) -> Person:
    balls = record["balls"]
    return Person(
        **{
            **record,
            "neutral": from_record(OwnNeutral, record["neutral"]),
            "skin": from_record(RelaxedSkin, record["skin"]),
            "mouth": from_record(UsualMouth, record["mouth"]),
            "balls": None if balls is None else tuple(from_record(Eyeball, b) for b in balls),
        }
    )


def _stacked(arrays: Sequence[NDArray[np.float32] | None], shape: tuple[int, ...]) -> Any:
    """Return arrays as one, with which of them there are."""
    there = np.array([array is not None for array in arrays], bool)
    known = [array for array in arrays if array is not None]
    return np.stack(known) if known else np.empty((0, *shape), np.float32), there


def _parted(stacked: tuple[NDArray[np.float32], NDArray[np.bool_]]) -> list[Any]:
    known = iter(stacked[0])
    return [next(known) if there else None for there in stacked[1].tolist()]
