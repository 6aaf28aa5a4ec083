"""Change a workbook sheet by sheet without losing anything: cells, rows, repairs of problems, the edited file.

Knows the schema, intake and forms; nothing of plans and of the app.
Doors: with_cells, insert_rows, fixes, edited_bytes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
