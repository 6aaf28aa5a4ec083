"""The plan with something changed: the frontier of cost against risk, and what moves the plan.

Knows how cells of a workbook are named and changed, the solver and the plan.
Doors: frontiers.frontier, sensitivity.tornado and grid, changes.Change.
"""
