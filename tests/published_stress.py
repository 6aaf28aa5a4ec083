"""The published instance of time to survive, which tests ask as plain arithmetic and as a workbook."""

from __future__ import annotations

import numpy as np

# The teaching instance of HEC Montréal after Simchi-Levi et al. (2015): three suppliers, each of which can feed both products.
CAPACITY = (30.0, 45.0, 60.0)
DEMAND = (75.0, 50.0)
STOCK = (20.0, 25.0)
LOST_PER_UNIT = (5000.0, 6500.0)
FORD = ((None, np.inf, 0.0), (0, 2.25, 0.0), (1, 9 / 7, 125_000.0), (2, 0.9, 275_000.0))
"""Which supplier fails, the published time to survive, and the published cost of a failure of 2 months."""
