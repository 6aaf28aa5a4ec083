from .comparison import LABELS as LABELS
from .comparison import compare as compare
from .naive_plans import NAIVE_RULES as NAIVE_RULES
from .naive_plans import naive as naive
from .playbooks import playbook as playbook
from .registry import STUDIES as STUDIES
from .study import Study as Study
from .whatif import budget_scaled as budget_scaled
