"""What it costs to take back each decision, why, and at which price what is left out would enter.

Knows the solver and the plan, and of the other studies how a future is lived through.
Doors: regrets.regret, by_disruption.decided_for.
"""
