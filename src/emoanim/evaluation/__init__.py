"""Measuring what was made: one pair of clips (``evaluate``), agreement of classifiers, figures.

It stands beside the pipeline and is never imported by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emoanim.evaluation.comparison import Evaluation, compare, evaluate

__all__ = ["Evaluation", "compare", "evaluate"]


def __getattr__(name: str) -> Any:
    """Import what is asked for; the parts that are not stay out of memory."""
    if name in __all__:
        from emoanim.evaluation import comparison

        return getattr(comparison, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
