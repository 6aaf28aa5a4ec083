"""Confidence intervals for a mean from few observations, by Student's t distribution (Student, 1908)."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan, exp, lgamma, pi, sqrt, tan

import numpy as np

CONFIDENCE = 0.95
"""The confidence of every interval that a study tells."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_HALVINGS = 60


def distribution(t: float, freedom: int) -> float:
    """Return the probability that Student's t with so many degrees of freedom is at most t.

    With t = sqrt(freedom)·tan θ the density becomes a power of the cosine, which Gauss and Legendre's rule integrates to rounding error.
    """
    angle = atan(t / sqrt(freedom))
    power = np.cos(angle * (_NODES + 1) / 2) ** (freedom - 1)
    quarter = sqrt(pi) / 2 * exp(lgamma(freedom / 2) - lgamma((freedom + 1) / 2))
    return 0.5 + angle / 2 * float(_WEIGHTS @ power) / (2 * quarter)


def quantile(probability: float, freedom: int) -> float:
    """Return the value that Student's t stays below with a probability between 0 and 1. ValueError for another, or fewer than 1 degree of freedom."""
    if not 0 < probability < 1 or freedom < 1:
        raise ValueError("Student's t has quantiles for probabilities between 0 and 1 and at least one degree of freedom.")
    low, high = -pi / 2, pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if distribution(sqrt(freedom) * tan(middle), freedom) < probability:
            low = middle
        else:
            high = middle
    return sqrt(freedom) * tan((low + high) / 2)


def two_sided(values: Sequence[float] | np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """Return the mean of independent observations and the ends of its confidence interval, which are NaN with fewer than two of them."""
    mean, error, count = _mean_and_error(values)
    if count < 2:
        return mean, np.nan, np.nan
    half = quantile((1 + confidence) / 2, count - 1) * error
    return mean, mean - half, mean + half


def upper_bound(values: Sequence[float] | np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the mean of independent observations and its one-sided upper confidence bound, which is NaN with fewer than two of them."""
    mean, error, count = _mean_and_error(values)
    return mean, mean + quantile(confidence, count - 1) * error if count >= 2 else np.nan


def _mean_and_error(values: Sequence[float] | np.ndarray) -> tuple[float, float, int]:
    """Return the mean, its standard error and the number of the observations."""
    seen = np.asarray(values, dtype=float)
    if not len(seen):
        return np.nan, np.nan, 0
    return float(seen.mean()), float(seen.std(ddof=1)) / sqrt(len(seen)) if len(seen) > 1 else np.nan, len(seen)
