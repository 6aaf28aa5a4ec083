"""What a workbook holds and what a plan tells: every sheet, column, setting and result table, declared once.

Knows nothing else of the package: no files, no solver.
Doors: INPUTS, SETTINGS, OUTPUTS, the records of the rows, and the language all is declared in (Sheet, Column, Output).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
