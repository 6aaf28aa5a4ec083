"""Works on disk and solves in processes of their own: what the app keeps, queues, stops and finds again.

Knows everything up to the report; nothing of the app.
Doors: Store and Work, Run and RunState, SolveQueue, Library, computer_user, duplicate_run, History, read_upload.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
