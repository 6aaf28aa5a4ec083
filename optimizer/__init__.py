"""Stockpiling and procurement optimizer for critical materials.

    import optimizer
    plan = optimizer.solve("sample_inputs/rare_earth_magnets.xlsx", {"risk_weight": 0.5})
    plan.tables["contracts"]          # tidy pandas DataFrames, one a result table
    plan.save("plan.xlsx")            # or plan.json

check() lists what is wrong with a workbook, load() reads it; errors are drawn as one tree in optimizer.errors. These names are the
interface for people who script. The subpackages editing, forms, intake, plan, report, runs, schema and studies are the interface that
the app is built on; what they offer stands in their __init__.pyi. Nothing heavy is imported before it is asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
