"""Questions asked of a plan: other plans beside it, naive rules, what happens when a disruption begins, futures that it has not seen.

Knows everything up to the plan.
Doors: STUDIES (every study of a plan, each with its tables and the function that makes them) and these functions by name; compare, naive,
budget_scaled; replay.RollingHorizon.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
