"""The grid in which sheets are edited: its cells, the edits that are kept, and what it takes from the clipboard.

Knows Streamlit, the editing room and words; no plan.
"""
