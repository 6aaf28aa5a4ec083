"""Everything that shows a plan in a file: the plan workbook, its charts, JSON.

Knows plans and studies; solves nothing.
Doors: plan_book.plan_bytes, study_book.study_bytes, writers (what Plan.save can write), colours and scales that the app shares.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
