from .charts import TAIL as TAIL
from .colours import BLOC_COLOURS as BLOC_COLOURS
from .scales import Scale as Scale
from .scales import cost_ranges as cost_ranges
from .scales import scale_of as scale_of
from .study_book import study_bytes as study_bytes
