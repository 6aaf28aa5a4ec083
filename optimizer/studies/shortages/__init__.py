"""Why something goes short: because no decision can avoid it, because of a limit, or because avoiding it is dearer than bearing it.

Knows the solver and the plan, and of the other studies how a row of Budget or Limits is left out, and the work of a study.
Doors: causes.shortage_causes.
"""
