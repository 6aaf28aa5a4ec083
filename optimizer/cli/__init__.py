"""The command line: check, solve, template, app.

Knows everything; nothing knows it.
Doors: commands.main.
"""
