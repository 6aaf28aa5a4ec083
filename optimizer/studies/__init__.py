"""Studies: what a planner asks of a case beyond its one plan."""
