"""The page docs/sampling.md from the measures of benchmarks/sampling.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

MEASURES = {"": ("months", "lost", "squares"), " cvar": ("lost", "squares")}
"""Those whose mean and whose CVaR are compared: where the worst tenth is disrupted all the time, the CVaR of the months tells nothing."""

RESAMPLES = 400

HEAD = """# How futures are drawn

Written by `python benchmarks/sampling.py` from what it measured.

Where a case has more futures than a program can hold, `scenarios` of them are drawn (`scenario_method` sampled). How they are drawn decides how
far the figures of a plan are off by the luck of the draw. All designs below are unbiased, deterministic by `seed`, and blind to the order of rows.

| design | what it does |
|---|---|
| plain | independent paths of equal weight: plain Monte Carlo |
| antithetic | pairs of paths from random numbers u and 1 - u (Hammersley & Morton, 1956) |
| quasi-Monte Carlo | scrambled Sobol' points, one coordinate for each period and disruption (Owen, 1998) |
| stratified by first event | the path without any change has its exact probability; the others are spread, in proportion, by what changes first and when |
| systematic branching | the paths of each node are dealt to its successors as evenly as whole paths allow (Madow & Madow, 1944) |
| array quasi-Monte Carlo | in each period the paths take, in the order of their regimes, evenly spread numbers (L'Ecuyer, Lécot & Tuffin, 2008) |
| thinned branching | all branches are followed, the likely ones kept with their exact weights, the others thinned out (Fearnhead & Clifford, 2003) |
| a stream for each disruption | each disruption has numbers of its own, spread evenly over when it begins, paired at random (McKay et al., 1979) |
"""

MEASURES_HEAD = """## What is told of the paths

No solver: three measures of each path, on the benchmark's instance (8 materials, 12 quarters, 6 disruptions) and the three large samples, {seeds} seeds
each. *Months* counts those in which anything is disrupted, *lost* is the share of the supply's worth that is lost, *squares* the mean square of each
period's loss, which stands for costs that grow faster than the disruption. The truth is taken from 200,000 plain paths.

Root mean square error against plain Monte Carlo with as many paths, of the mean and of CVaR 0.9 (of *lost* and *squares*): the geometric mean over cases
and measures, ± standard error over seeds. 0.50 is half the error, for which plain Monte Carlo would need four times the paths.
"""

DETAIL = """Root mean square error in % of the truth, on each case with {paths} paths, the mean / CVaR of *lost*:
"""

PLANS_HEAD = """## What is told of a plan, and how good the plan is

The benchmark's instance with 3 materials and 8 quarters (15 offers, contracts, CVaR 0.9 of weight 0.3), solved by decomposition to a gap
of 0.01% for {seeds} seeds.

*Spread* is the standard deviation over seeds of what the plan says of itself, in % of the mean. *Bias* is the mean difference between what it says and what
the same contracts cost on a fresh tree of 500 paths that all plans are judged on (another seed, array quasi-Monte Carlo); the fresh tree's own error is in it
and the same for all. *Error* is the root mean square difference between what the plan says and the optimum of the fresh tree. *Loss* is what those
contracts cost on the fresh tree above its optimum. ± standard errors.
"""

CONCLUSION = """## What follows

- The method `sampled` has a stream of numbers for each disruption ([why and how](decisions/0031-a-stream-for-each-disruption.md)). With
  {size} paths its error of a mean is {mean:.2f} of plain Monte Carlo's and that of a CVaR {tail:.2f}, as if there were {times:.1f} and
  {tail_times:.1f} times the paths.
- What a plan says of its own cost moves less from seed to seed: with {size} paths the objective by {objective[0]:.2f}% instead of
  {plain_objective[0]:.2f}%, the expected cost by {expected[0]:.2f}% instead of {plain_expected[0]:.2f}%, CVaR by {cvar[0]:.2f}% instead
  of {plain_cvar[0]:.2f}%.
- The decisions hardly depend on the design: the contracts of every plan are within {worst:.2f}% of the best on fresh futures, on average
  {loss:.3f}% from it with a stream for each disruption and {plain_loss:.3f}% with plain. A plan settles long before its figures do.
- Every plan of few paths still flatters itself or not by the luck of its draw, and late in the horizon its recourse knows the future (the
  bias above). Compare seeds, or solve with more scenarios, before a figure is quoted to the last per cent.
"""

CHOSEN = "a stream for each disruption"


def page(rows: list[dict]) -> str:
    """The page as Markdown, of the seeds for which all designs are measured."""
    rows = complete(rows)
    designs = list(dict.fromkeys(row["design"] for row in rows if "design" in row))
    return "\n".join([HEAD, *_measures(rows, designs), *_plans(rows, designs), *_conclusion(rows)])


def complete(rows: list[dict]) -> list[dict]:
    """The rows without those of seeds that a stopped run has not measured everywhere."""

    def group(row: dict) -> tuple:
        return row["part"], row["paths"] if row["part"] == "plans" else None, row.get("seed")

    count = Counter(group(row) for row in rows)
    full = {part: max(number for (other, _, _), number in count.items() if other == part) for part in {row["part"] for row in rows}}
    return [row for row in rows if count[group(row)] == full[row["part"]]]


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """A table in Markdown, with an empty line after it."""
    head = list(head)
    return "\n".join(["| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *lines)]) + "\n"


# -- measures ------------------------------------------------------------------------------------------------------------------


def errors(rows: list[dict], case: str, design: str, paths: int, name: str) -> np.ndarray:
    """Of each seed, relative to the truth."""
    truth = next(row[name] for row in rows if row["part"] == "truth" and row["case"] == case)
    return np.array(
        [row[name] / truth - 1 for row in rows if row["part"] == "measures" and (row["case"], row["design"], row["paths"]) == (case, design, paths)]
    )


def rms(x: np.ndarray) -> np.ndarray:
    """Root mean square over the last axis."""
    return np.sqrt((x**2).mean(-1))


def resampled(statistic: Callable[[np.ndarray], float], seeds: int) -> float:
    """The standard error of a statistic of which seeds are taken (Efron, 1979)."""
    random = np.random.default_rng(1)
    return float(np.std([statistic(random.integers(seeds, size=seeds)) for _ in range(RESAMPLES)]))


def against_plain(rows: list[dict], design: str, paths: int, suffix: str) -> tuple[float, float]:
    """The root mean square error against plain's, the geometric mean over cases and measures, and its standard error."""
    cases = [row["case"] for row in rows if row["part"] == "truth"]
    mine, plain = (np.array([errors(rows, case, d, paths, measure + suffix) for case in cases for measure in MEASURES[suffix]]) for d in (design, "plain"))

    def ratio(seeds: np.ndarray) -> float:
        return float(np.exp(np.log(rms(mine[:, seeds]) / rms(plain[:, seeds])).mean()))

    return ratio(np.arange(mine.shape[1])), resampled(ratio, mine.shape[1])


def _measures(rows: list[dict], designs: list[str]) -> list[str]:
    sizes = sorted({row["paths"] for row in rows if row["part"] == "measures"})
    cases = [row["case"] for row in rows if row["part"] == "truth"]
    seeds = len(errors(rows, cases[0], "plain", sizes[0], "lost"))

    def cells(design: str) -> Iterable[str]:
        for suffix in ("", " cvar"):
            for size in sizes:
                yield "1" if design == "plain" else "{:.2f} ± {:.2f}".format(*against_plain(rows, design, size, suffix))

    def detail(design: str) -> Iterable[str]:
        for case in cases:
            yield " / ".join(f"{100 * rms(errors(rows, case, design, sizes[1], name)):.1f}" for name in ("lost", "lost cvar"))

    return [
        MEASURES_HEAD.format(seeds=seeds),
        table(["design", *(f"mean, {n} paths" for n in sizes), *(f"CVaR, {n}" for n in sizes)], ([design, *cells(design)] for design in designs)),
        DETAIL.format(paths=sizes[1]),
        table(["design", *(case.replace("_", " ") for case in cases)], ([design, *detail(design)] for design in designs)),
    ]


# -- plans ---------------------------------------------------------------------------------------------------------------------


def _plans(rows: list[dict], designs: list[str]) -> list[str]:
    plans = [row for row in rows if row["part"] == "plans"]
    sizes = sorted({row["paths"] for row in plans})
    if not sizes:
        return []
    parts = [PLANS_HEAD.format(seeds=" and ".join(sorted({str(len(_of(plans, "plain", n))) for n in sizes})))]
    best = next(row["objective"] for row in rows if row["part"] == "fresh")
    head = [
        "design",
        "spread of the objective",
        "of the expected cost",
        "of CVaR",
        "bias of the objective",
        "its error",
        "loss, mean",
        "loss, largest",
        "nodes",
        "seconds",
    ]
    for size in sizes:
        parts += [f"{size} paths:\n", table(head, ([design, *_plan_cells(_of(plans, design, size), best)] for design in designs))]
    return parts


def _of(plans: list[dict], design: str, paths: int) -> list[dict]:
    return [row for row in plans if (row["design"], row["paths"]) == (design, paths)]


def spread(plans: list[dict], name: str) -> tuple[float, float]:
    """Standard deviation over seeds in % of the mean, and its standard error."""
    value = np.array([row[name] for row in plans])
    return 100 * value.std(ddof=1) / value.mean(), resampled(lambda seeds: 100 * float(value[seeds].std(ddof=1)) / value.mean(), len(value))


def losses(plans: list[dict], best: float) -> np.ndarray:
    """What the contracts cost on the fresh tree above its optimum, in %."""
    return np.array([100 * (row["fresh objective"] / best - 1) for row in plans])


def _plan_cells(plans: list[dict], best: float) -> Iterable[str]:
    for name in ("objective", "expected_cost", "cvar"):
        yield "{:.2f} ± {:.2f}%".format(*spread(plans, name))
    bias, loss = np.array([100 * (row["objective"] / row["fresh objective"] - 1) for row in plans]), losses(plans, best)
    yield f"{bias.mean():+.2f} ± {bias.std(ddof=1) / len(bias) ** 0.5:.2f}%"
    yield f"{100 * rms(np.array([row['objective'] for row in plans]) / best - 1):.2f}%"
    yield f"{loss.mean():.3f} ± {loss.std(ddof=1) / len(loss) ** 0.5:.3f}%"
    yield f"{loss.max():.2f}%"
    yield f"{np.mean([row['nodes'] for row in plans]):.0f}"
    yield f"{np.mean([row['seconds'] for row in plans]):.1f}"


def _conclusion(rows: list[dict]) -> list[str]:
    """What follows for the default design, in words; the figures are those measured."""
    plans = [row for row in rows if row["part"] == "plans"]
    if not plans:
        return []
    size = max(row["paths"] for row in plans)
    mean, tail = (against_plain(rows, CHOSEN, size, suffix)[0] for suffix in ("", " cvar"))
    best = next(row["objective"] for row in rows if row["part"] == "fresh")
    mine, plain = (_of(plans, design, size) for design in (CHOSEN, "plain"))
    worst = max(losses(plans, best).max(), 0.0)
    return [
        CONCLUSION.format(
            size=size,
            mean=mean,
            tail=tail,
            times=1 / mean**2,
            tail_times=1 / tail**2,
            worst=worst,
            objective=spread(mine, "objective"),
            plain_objective=spread(plain, "objective"),
            expected=spread(mine, "expected_cost"),
            plain_expected=spread(plain, "expected_cost"),
            cvar=spread(mine, "cvar"),
            plain_cvar=spread(plain, "cvar"),
            loss=losses(mine, best).mean(),
            plain_loss=losses(plain, best).mean(),
        )
    ]
