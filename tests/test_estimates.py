"""Intervals are true: they cover what they estimate as often as they say, and they have the value that the formula has."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from optimizer.studies.estimates import Estimate, double_sampled, double_sampled_share, equal_draws, exactly, mean_of, student

REPETITIONS = 1000


def covered(estimates: list[Estimate], truth: float) -> float:
    """The share of intervals that hold the truth."""
    return float(np.mean([found.low - 1e-12 <= truth <= found.high + 1e-12 for found in estimates]))


def test_by_hand():
    """Of 1, 2, 3 the mean is 2 with standard error 1/√3; Student's t at 97.5% with two degrees of freedom is 4.303 (Student, 1908, table)."""
    found = mean_of(np.array([1.0, 2.0, 3.0]))
    assert student(0.975, 2) == pytest.approx(4.302653, abs=1e-6)
    assert (found.mean, found.high - found.mean) == pytest.approx((2.0, 4.302653 / sqrt(3)), abs=1e-6)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_the_few_are_corrected_by_the_many():
    """Lived is known plus 1, always: the mean is that of all the known ones plus 1, and only the many leave an error."""
    known = np.array([1.0, 2.0, 4.0, 5.0, 8.0, 10.0])
    found = double_sampled(known[:4] + 1, known)
    assert found.mean == pytest.approx(6.0)
    assert found.high - 6.0 == pytest.approx(student(0.975, 2) * sqrt(np.var(known, ddof=1) / 6))


def test_what_is_the_same_in_every_future_explains_nothing():
    """A figure that is known to be the same everywhere, but for rounding, is no reason to correct."""
    known = 373_218.9 + 1e-9 * np.arange(50)
    found = double_sampled(np.full(10, 373_218.9), known)
    assert (found.mean, found.low, found.high) == pytest.approx((373_218.9,) * 3, rel=1e-9)


def test_what_is_rare_among_the_many_counts_though_none_of_the_few_has_it():
    """None of the first hundred costs anything, five of the others a million each: the mean is their 5,000, and it is not sure."""
    known = np.zeros(1000)
    known[500:505] = 1e6
    found = double_sampled(np.zeros(100), known)
    assert found.mean == pytest.approx(5000.0) and found.low < 5000.0 < found.high


@pytest.mark.parametrize("noise", [0.1, 1.0, 5.0])
def test_intervals_of_means_cover(noise):
    """95% intervals hold the mean in at least 93% of repetitions, however well the known figure tells the lived one, and skewed costs, too."""
    random, found = np.random.default_rng(7), []
    for _ in range(REPETITIONS):
        known = random.gamma(4.0, 1.0, 300)
        lived = 3 + 1.2 * known[:40] + noise * (random.gamma(4.0, 1.0, 40) - 4.0)
        found.append(double_sampled(lived, known))
    assert covered(found, 3 + 1.2 * 4.0) >= 0.93


@pytest.mark.parametrize("chance, more, less", [(0.0, 0.0, 0.0), (0.02, 0.01, 0.0), (0.3, 0.1, 0.05), (0.9, 0.02, 0.0), (1.0, 0.0, 0.0)])
def test_intervals_of_shares_cover(chance, more, less):
    """They do where nothing, much or everything is short, and where few of those lived through differ from what is known, or none does."""
    random, found = np.random.default_rng(11), []
    for _ in range(REPETITIONS):
        known = random.random(400) < chance
        differs = random.random(60)
        lived = np.where(known[:60], differs >= less, differs < more)
        found.append(double_sampled_share(lived.astype(float), known.astype(float)))
    assert covered(found, chance * (1 - less) + (1 - chance) * more) >= 0.93
    assert all(0 <= one.low <= one.mean <= one.high <= 1 for one in found)


def test_a_share_that_was_never_seen_has_the_width_of_the_rule_of_three():
    """None of 100 that were lived through: the share may still be some 3%."""
    found = double_sampled_share(np.zeros(100), np.zeros(100))
    assert found.low == 0 and 0.02 < found.high < 0.045


def test_equal_draws_are_counted_by_their_weights():
    """Nine draws in futures of 4, 3 and 2; where three were made though ten were asked for, and where the weights tell nothing."""
    assert equal_draws(np.array([4, 3, 2]) * 0.1, 9).tolist() == [4, 3, 2]
    assert equal_draws(np.array([2.0, 1.0]), 10).tolist() == [2, 1]
    assert equal_draws(np.array([0.5, np.sqrt(2), 0.3]), 20).tolist() == [1, 1, 1]


def test_what_is_known_has_no_width():
    """An exact figure is its own interval, and what is impossible is cut off."""
    assert exactly(3.0) == Estimate(3.0, 3.0, 3.0)
    assert Estimate(0.5, -0.1, 1.2).within(0, 1) == Estimate(0.5, 0.0, 1.0)
    assert mean_of(np.full(5, 2.0)) == Estimate(2.0, 2.0, 2.0)
