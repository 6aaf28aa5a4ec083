"""Rules across rows and sheets: what is wrong, and what is legal but suspicious.

Knows rows and the case.
Doors: errors (rules that refuse), suspicions (rules that warn).
"""
