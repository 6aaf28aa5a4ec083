"""A solution as a plan that one can trust and read: result tables, headline figures, the audit, sentences.

Knows the case, the model and the solution; writes no files.
Doors: plan.make_plan and Plan, audit.audit, headline.headlines.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
