"""Every metric the paper names, as pure functions on arrays; numpy is all that is needed.

The functions are the names to use. Each says its formula, source, shapes, range and direction, and
gives NaN with a reason, never a silent infinity or a made-up 0, where it is undefined.
"""

from __future__ import annotations

from emoanim.metrics.accuracy import (
    EVALUATORS,
    EmotionAccuracy,
    TargetAccuracy,
    emotion_accuracy,
)
from emoanim.metrics.auroc import pair_counts
from emoanim.metrics.batch import edd_matrix
from emoanim.metrics.bootstrap import (
    autocorrelation_time,
    block_interval,
    delong_interval,
    delong_variance,
)
from emoanim.metrics.clusters import SignFlip, cluster_interval, holm, sign_flip_test
from emoanim.metrics.divergence import EDDWarning, edd, null_edd
from emoanim.metrics.frechet import FeatureExtractor, check_weights, extract_features, fid, kid
from emoanim.metrics.identity import csim, lmd
from emoanim.metrics.image_quality import psnr, ssim
from emoanim.metrics.measured import Measured
from emoanim.metrics.motion import (
    beat_alignment,
    head_motion_diversity,
    hopenet_angles,
    motion_beats,
    sound_onsets,
)
from emoanim.metrics.perceptual import lpips
from emoanim.metrics.pooled import EDDMetric, edd_score
from emoanim.metrics.proportions import exact_interval, wilson_interval
from emoanim.metrics.result import EDDMatrix, EDDOptions, EDDProfile, EDDResult, Interval
from emoanim.metrics.sharpness import cpbd
from emoanim.metrics.smoothing import moving_average
from emoanim.metrics.streaming import EDDBounds, EDDHistogram, EDDStream
from emoanim.metrics.sync import LipSync, lip_sync_error

__all__ = [
    "EVALUATORS",
    "EDDBounds",
    "EDDHistogram",
    "EDDMatrix",
    "EDDMetric",
    "EDDOptions",
    "EDDProfile",
    "EDDResult",
    "EDDStream",
    "EDDWarning",
    "EmotionAccuracy",
    "FeatureExtractor",
    "Interval",
    "LipSync",
    "Measured",
    "SignFlip",
    "TargetAccuracy",
    "autocorrelation_time",
    "beat_alignment",
    "block_interval",
    "check_weights",
    "cluster_interval",
    "cpbd",
    "csim",
    "delong_interval",
    "delong_variance",
    "edd",
    "edd_matrix",
    "edd_score",
    "emotion_accuracy",
    "exact_interval",
    "extract_features",
    "fid",
    "head_motion_diversity",
    "holm",
    "hopenet_angles",
    "kid",
    "lip_sync_error",
    "lmd",
    "lpips",
    "motion_beats",
    "moving_average",
    "null_edd",
    "pair_counts",
    "psnr",
    "sign_flip_test",
    "sound_onsets",
    "ssim",
    "wilson_interval",
]
