"""The studies of a plan, each listed once: the worker runs them, the app shows them and the interface offers them from here."""

from __future__ import annotations

from optimizer.studies.frontier import FRONTIER
from optimizer.studies.playbooks import PLAYBOOK
from optimizer.studies.sensitivity import TORNADO
from optimizer.studies.study import Study

STUDIES: dict[str, Study] = {study.name: study for study in (PLAYBOOK, FRONTIER, TORNADO)}
"""Every study by name, in the order in which the app shows them."""
