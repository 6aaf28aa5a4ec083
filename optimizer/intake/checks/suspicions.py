"""Every rule whose breach is a warning: what is legal but suspicious.

They look at a whole case, in which no error was found, in ordinary times: what disruptions do to prices is left out. The rules stand by
their meaning in suspicious_names.py, suspicious_figures.py, suspicious_offers.py, suspicious_changes.py, suspicious_events.py, suspicious_effects.py and
suspicious_time.py.
"""

from __future__ import annotations

from optimizer.case import Case
from optimizer.errors import Level, Problem
from optimizer.intake.checks import (
    suspicious_changes,
    suspicious_effects,
    suspicious_events,
    suspicious_figures,
    suspicious_names,
    suspicious_offers,
    suspicious_time,
)
from optimizer.intake.checks.rules import WorkbookRead, problems_of

RULES = (
    *suspicious_names.RULES,
    *suspicious_figures.RULES,
    *suspicious_offers.RULES,
    *suspicious_changes.RULES,
    *suspicious_events.RULES,
    *suspicious_effects.RULES,
    *suspicious_time.RULES,
)


def find_warnings(case: Case, book: WorkbookRead) -> list[Problem]:
    """Return everything suspicious in a case."""
    return [problem for rule in RULES for problem in problems_of(rule, Level.WARNING, book, case)]
