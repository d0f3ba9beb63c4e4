"""A classifier's outputs, drawn at random: of eight emotions, or of one."""

from __future__ import annotations

import numpy as np

LABELS = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt")


def logits(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 8))


def probs(count, seed=0):
    x = np.exp(logits(count, seed))
    return x / x.sum(axis=1, keepdims=True)


def scores(count, seed=0, shift=0.0):
    return np.random.default_rng(seed).random(count) * 0.5 + shift
