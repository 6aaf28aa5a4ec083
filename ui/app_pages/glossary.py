"""The words of the product, each with its meaning."""

from __future__ import annotations

import streamlit as st

from optimizer.schema import GLOSSARY
from ui.words import glossary as text

st.title(text.TITLE, anchor=False)
st.markdown(text.LINE)
for term in GLOSSARY:
    st.markdown(text.entry(term))
