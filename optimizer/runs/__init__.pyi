from .desk import Desk as Desk
from .history import History as History
from .run import Run as Run
from .store import Store as Store
from .store import Work as Work
from .uploads import read_upload as read_upload
