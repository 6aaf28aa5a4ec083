"""The command line: template, check, solve, study, report, sweep, app.

Knows everything; nothing knows it.
Doors: commands.main.
"""
