"""The board report, one HTML page that stands alone.

Knows words and charts; neither Streamlit nor sessions. The only room that draws charts as pictures.
"""
