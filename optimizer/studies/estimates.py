"""Estimates from samples, each with its 95% interval.

A future that is lived through period by period takes a hundred times as long as one that is known. So few are lived through, many are known, and
what the few cost is corrected by how the few differ from the many in what they cost whoever knows them (double sampling with a regression
estimator: Cochran 1977, Sampling Techniques, section 12.8; in simulation, a control variate whose mean is itself estimated).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

CONFIDENCE = 0.95
"""The probability with which an interval covers what it estimates."""

SAME = 1e-9
"""A relative difference up to which two figures count as the same."""

WHOLE = 1e-6
"""How far from whole a number of draws may be, which the rounding of weights explains."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate and its two-sided interval of CONFIDENCE."""

    mean: float
    low: float
    high: float

    def within(self, least: float, most: float) -> Estimate:
        """Return it with nothing outside of what is possible."""
        return Estimate(*(min(max(value, least), most) for value in (self.mean, self.low, self.high)))


def exactly(value: float) -> Estimate:
    """Return what is known without error as an estimate."""
    return Estimate(value, value, value)


def student(confidence: float, freedom: int) -> float:
    """Return the quantile of Student's t at a probability, with degrees of freedom; inf with none."""
    if freedom < 1:
        return np.inf
    from scipy.special import stdtrit  # half a second that most commands do without

    return float(stdtrit(freedom, confidence))


def mean_of(values: np.ndarray) -> Estimate:
    """Estimate the mean of what independent values (n,) are drawn from."""
    mean, error = float(np.mean(values)), 0.0
    if len(values) > 1:
        error = float(np.std(values, ddof=1)) / sqrt(len(values))
    return _around(mean, error, len(values) - 1)


def equal_draws(weight: np.ndarray, asked: int) -> np.ndarray:
    """Return of how many equal draws each of some futures is made, (n,), by their weights, (n,): equal draws are one future with the sum of their weights.

    asked: the draws that were asked for. Where the weights are no multiples of that many, fewer were made: the least number that they can be multiples
    of. Where there is none, each future counts as one draw.
    """
    share = weight / weight.sum()
    for draws in (asked, *range(2, asked)):
        counts = np.round(draws * share)
        if np.abs(draws * share - counts).max() < WHOLE and (counts > 0).all():
            whole: np.ndarray = counts.astype(int)
            return whole
    return np.ones(len(weight), dtype=int)


def two_sided(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    """Return the mean of independent observations and the ends of its interval, which are NaN with fewer than two of them."""
    mean, error, count = _mean_and_error(values)
    half = student((1 + CONFIDENCE) / 2, count - 1) * error if count >= 2 else np.nan
    return mean, mean - half, mean + half


def upper_bound(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Return the mean of independent observations and its one-sided upper bound, which is NaN with fewer than two of them."""
    mean, error, count = _mean_and_error(values)
    return mean, mean + student(CONFIDENCE, count - 1) * error if count >= 2 else np.nan


def _mean_and_error(values: Sequence[float] | np.ndarray) -> tuple[float, float, int]:
    """Return the mean, its standard error and the number of the observations."""
    seen = np.asarray(values, dtype=float)
    if not len(seen):
        return np.nan, np.nan, 0
    return float(seen.mean()), float(seen.std(ddof=1)) / sqrt(len(seen)) if len(seen) > 1 else np.nan, len(seen)


def double_sampled(lived: np.ndarray, known: np.ndarray) -> Estimate:
    """Estimate the mean of what is known of the first n futures alone, lived (n,), with the help of what is known of all, known (N,).

    It is where the line through the few, lived against known, meets the mean of the many. Costs are skewed and spread more where they are high:
    the error of the line is that of MacKinnon & White (1985), HC3, which counts each future as if the line had been drawn without it.
    """
    n, many = len(lived), len(known)
    few = known[:n]
    about = few - few.mean()
    squares = float(about @ about)
    if n == many or n < 3:
        return mean_of(lived)
    # Where the known figure is the same in all of the few, but for rounding, they have no line: the difference is taken as it is (a slope of 1).
    if squares <= n * (SAME * np.abs(few).max()) ** 2:
        return _by_difference(lived, known)
    slope, shift = float(about @ lived) / squares, float(known.mean() - few.mean())
    leverage = 1 / n + about**2 / squares
    residual = (lived - lived.mean() - slope * about) / np.maximum(1 - leverage, SAME)
    weight = 1 / n + shift * about / squares
    variance = float(weight**2 @ residual**2) + slope**2 * float(np.var(known, ddof=1)) / many
    return _around(float(lived.mean()) + slope * shift, sqrt(variance), n - 2)


def _by_difference(lived: np.ndarray, known: np.ndarray) -> Estimate:
    """Estimate a mean by what is known of all and by how much the few that are lived through differ from it on average."""
    n, many = len(lived), len(known)
    differs, spread = lived - known[:n], float(np.ptp(known))
    if spread <= SAME * float(np.abs(known).max()):
        return mean_of(lived)  # it is the same in every future
    variance = float(np.var(differs, ddof=1)) / n + float(np.var(known, ddof=1)) / many
    return _around(float(known.mean() + differs.mean()), sqrt(variance), n - 2)


def double_sampled_share(lived: np.ndarray, known: np.ndarray) -> Estimate:
    """As `double_sampled` for yes and no, as 1 and 0: the share of the many, and by how much the few that are lived through differ from it.

    Two differences, one each way, are added to those that were seen, as Agresti & Coull (1998) add successes and failures: where none was
    seen, the interval is about as wide as the rule of three has it. Where all futures are alike, nothing is added.
    """
    n, many = len(lived), len(known)
    if n == many:
        return share_of(lived)
    differs = lived - known[:n]
    seen = np.concatenate([differs, [1.0, -1.0]]) if many > 1 else differs
    share = float(known.mean())
    error = float(np.var(seen, ddof=1)) / n + max(share * (1 - share), 1 / many) / many
    return _around(share + float(differs.mean()), sqrt(error), n - 1).within(0.0, 1.0)


def share_of(values: np.ndarray) -> Estimate:
    """Estimate a share from independent yes and no, as 1 and 0, by the interval of Wilson (1927)."""
    n, share = len(values), float(np.mean(values))
    z = student((1 + CONFIDENCE) / 2, max(1, n - 1))
    centre, half = (share + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Estimate(share, min(share, centre - half), max(share, centre + half)).within(0.0, 1.0)


def _around(mean: float, error: float, freedom: int) -> Estimate:
    """Return the interval of a mean with a standard error and degrees of freedom; without width where there is no error."""
    half = student((1 + CONFIDENCE) / 2, freedom) * error if error > 0 else 0.0
    return Estimate(mean, mean - half, mean + half)
