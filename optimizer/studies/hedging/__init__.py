"""The plan for the worst probabilities within the workbook's ranges, beside the plan for its own probabilities, and what that insurance costs.

Knows the scenarios, the solver and the plan; no other study.
Doors: probability_ranges.ranges.
"""
