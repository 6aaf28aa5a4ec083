"""What information, planning for many futures, and each limit are worth.

Knows the solver and the plan; no other study.
Doors: valuation.value_of_information.
"""
