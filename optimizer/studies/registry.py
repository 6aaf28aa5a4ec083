"""The studies of a plan, each listed once: the worker runs them, the app shows them and the interface offers them from here."""

from __future__ import annotations

from optimizer.studies.break_even import BREAK_EVEN
from optimizer.studies.out_of_sample import OUT_OF_SAMPLE
from optimizer.studies.playbooks import PLAYBOOK
from optimizer.studies.policies import POLICIES_STUDY
from optimizer.studies.risk_map import RISK_MAP
from optimizer.studies.study import Study

STUDIES: dict[str, Study] = {study.name: study for study in (OUT_OF_SAMPLE, POLICIES_STUDY, BREAK_EVEN, RISK_MAP, PLAYBOOK)}
"""Every study by name, in the order in which the app shows them."""
