"""What a longer horizon changes in what is decided now.

Knows the solver and the plan; no other study.
Doors: longer_horizon.horizon.
"""
