"""The values at which decisions flip: break-even probabilities, durations and prices, and a map of strategies over probability and duration.

Knows the scenarios, the solver and the plan; no other study.
Doors: break_even.break_even, risk_map.risk_map.
"""
