"""One cell: its value, its unit, its number format, and what a header means.

Knows the schema only.
Doors: parse.parse, headers.match, units.
"""
