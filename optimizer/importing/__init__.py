"""From a planner's own sheets to a case: find the tables, propose what they are, keep what was confirmed as a mapping, and apply it to files of that shape.

Knows the schema and intake; nothing of plans. Nothing that is proposed counts before it is confirmed, and what cannot be told is asked.
Doors: read_files, find_tables, propose, apply, Mapping.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
