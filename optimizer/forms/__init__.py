"""Excel files that the schema alone determines: the blank workbook, the input as it was read, the reference page.

Knows the schema and intake; nothing of plans.
Doors: template_bytes, writing.Book, inputs.add_inputs, reference.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
