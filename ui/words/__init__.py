"""Everything that people read: a file of sentences a page or part, names made safe to show, and figures in words.

Knows the schema's words and the plan's figures; neither Streamlit nor charts.
"""
