from .history import History as History
from .run import Phase as Phase
from .run import Run as Run
from .solve_queue import SolveQueue as SolveQueue
from .states import RunState as RunState
from .store import Store as Store
from .store import Work as Work
from .uploads import read_upload as read_upload
