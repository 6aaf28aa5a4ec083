"""The stress test: how long supply lasts when a source fails, how soon it is replaced, and what the failure costs.

Knows the playbook's branches; no probabilities.
Doors: stress_test.stress, survival (the time to survive on plain arrays).
"""
