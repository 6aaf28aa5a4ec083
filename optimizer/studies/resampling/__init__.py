"""How far a plan is from the best and how stable its decisions are, on fresh samples of futures.

Knows the scenarios, the solver and the plan; no other study.
Doors: replications.multiple_replications.
"""
