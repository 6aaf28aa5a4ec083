from .explain import figure as figure
from .explain import money as money
from .explain import percent as percent
from .explain import worst_futures as worst_futures
from .headline import Headline as Headline
from .headline import answer as answer
from .plan import Plan as Plan
from .status import ResultStatus as ResultStatus
