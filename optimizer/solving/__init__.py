"""Solve a program: the extensive form and the Benders decomposition behind one interface, and why there is no plan.

The only room that knows the solver, and there highs.py alone.
Doors: built.build, solve.solve_case, solution.Solution, infeasibility, watch.
"""
