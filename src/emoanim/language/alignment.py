"""Which sentences of a rewrite stand for which of the original."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emoanim.language.guess import COMMON_WORDS

__all__ = ["aligned"]

_COMMON = frozenset[str]().union(*COMMON_WORDS.values())
_FAINT = 0.2
"""What a common word counts beside one that tells something."""


def aligned(new: Sequence[str], old: Sequence[str]) -> list[list[int]]:
    """Return for each old sentence the indices of the new ones that stand for it, in order.

    Every new sentence belongs to one old one, order is kept, and the words that they share are as
    many as can be; one that shares none goes with what follows it, or at the end with the last.
    """
    if not old:
        return []
    likeness = [[_shared(n, o) for o in old] for n in new]
    best = [[0.0] * len(old) for _ in range(len(new) + 1)]
    for j in range(len(new) - 1, -1, -1):
        after = float("-inf")
        for i in range(len(old) - 1, -1, -1):
            after = max(after, likeness[j][i] + best[j + 1][i])
            best[j][i] = after
    groups: list[list[int]] = [[] for _ in old]
    at = 0
    for j in range(len(new)):
        options = range(at, len(old))
        top = max(likeness[j][i] + best[j + 1][i] for i in options)
        fitting = [i for i in options if likeness[j][i] + best[j + 1][i] >= top - 1e-9]
        at = fitting[0] if likeness[j][fitting[0]] > 0 or j + 1 == len(new) else _next(fitting, at)
        groups[at].append(j)
    return groups


def _next(fitting: Sequence[int], at: int) -> int:
    """Where a sentence that shares nothing goes: on, but no farther than one."""
    return next((i for i in fitting if i == at + 1), fitting[0])


def _shared(new: str, old: str) -> float:
    one, other = _stems(new), _stems(old)
    both = one & other
    if not both:
        return 0.0
    weight = sum(_FAINT if stem in _COMMON else 1.0 for stem in both)
    return weight / (1.0 + 0.05 * len(one | other))


def _stems(text: str) -> set[str]:
    return {w if w in _COMMON else w[:5] for w in re.findall(r"[^\W_]+", text.lower())}
