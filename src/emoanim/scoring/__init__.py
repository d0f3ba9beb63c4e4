"""A clip's scores and its EDD: one loop over the frames and one window, for everybody."""

from emoanim.scoring.clip_scores import score_clip
from emoanim.scoring.emotion_change import (
    WINDOW_SECONDS,
    EmotionChange,
    compare_scores,
    edd_of,
    notes_on_interval,
)
from emoanim.scoring.passage_scores import edds_of_passages, scores_by_passage

__all__ = [
    "WINDOW_SECONDS",
    "EmotionChange",
    "compare_scores",
    "edd_of",
    "edds_of_passages",
    "notes_on_interval",
    "score_clip",
    "scores_by_passage",
]
