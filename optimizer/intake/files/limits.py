"""Bound how large an input may be. Up to these bounds any input is read or refused within two seconds of processor time and 500 MB."""

MOST_BYTES = 20_000_000
MOST_CELLS = 150_000
"""Filled cells of all sheets that are read."""
MOST_ROWS, MOST_COLUMNS = 100_000, 1_000
MOST_PLACES = 1_000_000
"""Cells, filled or not, of the rectangle from A1 to a sheet's last filled cell, over all sheets that are read."""

MOST_PARTS = 5_000
MOST_UNPACKED_BYTES = 96 * 2**20
RATIO, RATIO_FROM = 200, 4 * 2**20
"""A part may unpack to this many times its size once it is larger than RATIO_FROM: real workbooks reach 6 to 12."""
LONGEST_TOKEN = 2**20
"""Expat before 2.6 takes quadratic time over a long tag or comment (CVE-2023-52425)."""
MOST_TAGS = 1_000_000
"""Tags of the parts that are read, and likewise their attributes, line breaks and escaped letters: a filled cell has four to six
tags, one that is only formatted has one."""
MOST_XML_BYTES = 32 * 2**20
"""Of the parts that are read; a workbook of the documented size has some 12 MB."""
MOST_SHEETS = 500
MOST_RELATIONS = 10_000
MOST_STYLES = 65_536
MOST_MERGES = 10_000
MOST_MERGED_CELLS = 1_000_000
MOST_FORMULA_LETTERS = 100_000
"""Letters of the shared formulas without a value: each is rewritten for its cell, for what is said about it."""
MOST_PROBLEMS = 1_000
"""Problems of one workbook that are listed."""
