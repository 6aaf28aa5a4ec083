"""The studies of a plan, each listed once: the worker runs them, the app shows them and the interface offers them from here."""

from __future__ import annotations

from optimizer.studies.playbooks import PLAYBOOK
from optimizer.studies.study import Study
from optimizer.studies.value import VALUE

STUDIES: dict[str, Study] = {study.name: study for study in (PLAYBOOK, VALUE)}
"""Every study by name, in the order in which the app shows them."""
