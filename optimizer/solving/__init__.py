"""Solve a program: HiGHS, the extensive form, the Benders decomposition, and why there is no plan.

The only room that knows the solver.
Doors: solve.solve, infeasibility, watch.
"""
