from .charts import TAIL as TAIL
from .charts import Scale as Scale
from .charts import ranges_of as ranges_of
from .charts import scale_of as scale_of
from .colours import BLOC_COLOURS as BLOC_COLOURS
from .summary import status_in_words as status_in_words
