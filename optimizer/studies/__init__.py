"""Questions asked of a plan: other plans beside it, naive rules, what happens when a disruption begins.

Knows everything up to the plan.
Doors: compare, naive, playbook, budget_scaled.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
