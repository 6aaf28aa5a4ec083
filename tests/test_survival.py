"""The time to survive, as plain arithmetic: published answers, answers by hand, and what more supply can never do."""

from __future__ import annotations

import numpy as np
import pytest
from published_stress import CAPACITY, DEMAND, FORD, STOCK

from optimizer.studies.failing.survival import Draw, Flow, Network, Supply, time_to_survive


def one_pool(stock, capacity, demand, lag=(0,), arriving=(), months=1.0):
    """A pool that flows fill and one need empties. capacity: (flows, n+1); demand: (n+1,), both a month."""
    capacity, demand = np.atleast_2d(np.asarray(capacity, float)), np.asarray(demand, float)[None, :]
    flows, columns = capacity.shape
    network = Network(1, 1, (Flow(0),) * flows, (Draw(0, 0),), tuple(((f, 1.0),) for f in range(flows)))
    waits = np.repeat(np.asarray(lag, int)[:, None], columns, axis=1)
    coming = np.zeros((1, columns - 1))
    coming[0, : len(arriving)] = arriving
    return network, Supply(
        months, np.array([stock]), coming, demand, capacity, waits, np.ones((1, columns), bool), np.zeros((0, columns)), np.ones(1), np.zeros(0)
    )


@pytest.mark.parametrize(("fails", "months", "_"), FORD)
def test_the_published_times_to_survive_come_out(fails, months, _):
    """The instance of Simchi-Levi et al. gives its published times: without end, 2.25, 9/7 and 0.9."""
    network = Network(
        2, 2, tuple(Flow(p) for _ in CAPACITY for p in (0, 1)), (Draw(0, 0), Draw(1, 1)), tuple(((2 * s, 1.0), (2 * s + 1, 1.0)) for s in range(3))
    )
    capacity = np.array([[0.0 if s == fails else most] for s, most in enumerate(CAPACITY)])
    demand = np.array(DEMAND)[:, None]
    supply = Supply(
        1.0, np.array(STOCK), np.zeros((2, 0)), demand, capacity, np.zeros((6, 1), int), np.ones((2, 1), bool), np.zeros((0, 1)), np.ones(2), np.zeros(0)
    )
    assert time_to_survive(network, supply) == pytest.approx(months, abs=1e-6)


@pytest.mark.parametrize(("stock", "months"), [(0.0, 0.0), (15.0, 1.5), (20.0, 2.0), (25.0, 3.25)])
def test_what_must_first_be_shipped_comes_later(stock, months):
    """Of 10 a month, 6 come from an offer two months away: by hand.

    15 lasts a month and a half. 20 is used up when the first 6 come, too few. 25 leaves 5 for the third month, which with 6 leaves 1 for the
    fourth: 1 + 6t = 10t, t = 1/4.
    """
    network, supply = one_pool(stock, [[6.0] * 6], [10.0] * 6, lag=(2,))
    assert time_to_survive(network, supply) == pytest.approx(months, abs=1e-6)


@pytest.mark.parametrize("guess", range(8))
def test_the_guess_changes_nothing(guess):
    """From whatever period the search begins, it ends at the same time."""
    network, supply = one_pool(25.0, [[6.0] * 7], [10.0] * 7, lag=(2,))
    assert time_to_survive(network, supply, guess) == pytest.approx(3.25, abs=1e-6)


def test_goods_on_their_way_and_rising_demand_count_in_their_period():
    """5 in stock and 30 that arrive in the second quarter: 1 and then 2 a month last the first quarter, and 16 months after it."""
    network, supply = one_pool(5.0, [[0.0] * 3], [1.0, 2.0, 2.0], arriving=(0.0, 30.0), months=3.0)
    assert time_to_survive(network, supply) == pytest.approx(3 + (2 + 30) / 2, abs=1e-6)


def test_a_gap_ends_the_time_whatever_comes_later():
    """A month without supply ends the time to survive, though supply is ample from the next one on."""
    network, supply = one_pool(1.0, [[10.0, 0.0, 10.0, 10.0]], [10.0] * 4)
    assert time_to_survive(network, supply) == pytest.approx(1.1, abs=1e-6)


def test_it_grows_with_stock_and_capacity():
    """More stock, more capacity or a shorter wait never shortens the time to survive (random figures)."""
    rng = np.random.default_rng(7)
    for _ in range(25):
        stock, capacity, demand = rng.uniform(0, 40), rng.uniform(0, 8, (2, 6)), rng.uniform(5, 12, 6)
        lag = rng.integers(0, 4, 2)
        base = time_to_survive(*one_pool(stock, capacity, demand, lag))
        assert time_to_survive(*one_pool(stock + 5, capacity, demand, lag)) >= base - 1e-6
        assert time_to_survive(*one_pool(stock, capacity * 1.3, demand, lag)) >= base - 1e-6
        assert time_to_survive(*one_pool(stock, np.full((2, 6), 4.0), demand, np.maximum(lag - 1, 0))) >= (
            time_to_survive(*one_pool(stock, np.full((2, 6), 4.0), demand, lag)) - 1e-6
        )


def test_it_scales_with_time():
    """The same months counted in periods of three give the same time where all rates are constant."""
    months = time_to_survive(*one_pool(31.0, [[6.0] * 9], [10.0] * 9))
    quarters = time_to_survive(*one_pool(31.0, [[6.0] * 4], [10.0] * 4, months=3.0))
    assert months == pytest.approx(7.75, abs=1e-6) and quarters == pytest.approx(months, abs=1e-6)
