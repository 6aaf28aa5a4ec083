"""Files of every kind as raw sheets: .xlsx, .xlsm and folders of .csv, guarded against what is too large or broken.

Knows cells; nothing of what a row means.
Doors: sources.sheets_of, guard, limits.
"""
