"""The words of the product, each with its meaning."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.schema import GLOSSARY
from ui.words import glossary as text

st.title(text.TITLE, anchor=False)
st.markdown(text.LINE)
rows = {
    text.TERM: [f"**{term.name}**" for term in GLOSSARY],
    text.MEANING: [term.meaning for term in GLOSSARY],
    text.NAMES: [text.names(term) for term in GLOSSARY],
}
st.table(pd.DataFrame(rows).set_index(text.TERM))
