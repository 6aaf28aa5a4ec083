"""From a file to a case: guard the file, read its cells, match rows and columns, check the rules, list every problem at once.

Knows the schema and the case; imports neither pandas nor Pyomo nor the solver.
Doors: reader.read and case_from_sheets for a Reading, readout for what was read. Inside: cells, names, files, rows, checks, each knowing those before it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
