"""The state of a visitor's session: the workbook and the plan that are looked at, and the solves that are asked for.

Knows Streamlit, the runs on disk and words; no chart and no part of a page.
"""
