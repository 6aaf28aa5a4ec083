"""What it costs to take back each decision, why, and at which price what is left out would enter.

Knows the solver and the plan; no other study.
Doors: regrets.regret.
"""
