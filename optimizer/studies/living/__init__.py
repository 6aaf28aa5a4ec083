"""Live through futures that a plan has not seen, or that really came, deciding period by period; simple rules beside it.

Knows the model, the solver and the plan; no other study.
Doors: replay.RollingHorizon, unseen_futures.out_of_sample, simple_rules.policies, backtesting.backtest.
"""
