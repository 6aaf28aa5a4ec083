"""From raw sheets to rows: headers matched, units converted, what is no data left out, names resolved.

Knows cells, names and files.
Doors: read.read_table, settings, resolve, table.Table.
"""
