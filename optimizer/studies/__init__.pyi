from .comparison import LABELS as LABELS
from .comparison import compare as compare
from .naive_plans import BROKEN as BROKEN
from .naive_plans import NAIVE_RULES as NAIVE_RULES
from .naive_plans import naive as naive
from .playbooks import playbook as playbook
from .whatif import budget_scaled as budget_scaled
