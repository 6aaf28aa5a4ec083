"""Back and forward of the browser: one step a page."""

from __future__ import annotations

import streamlit as st

_ONE_STEP_A_PAGE = """<script>
    (() => {
        if (window.history.pushState.oneStepAPage) return;
        const step = function (state, title, url) {
            const samePage = new URL(url, window.location.href).pathname === window.location.pathname;
            const move = samePage ? History.prototype.replaceState : History.prototype.pushState;
            move.call(window.history, state, title, url);
        };
        step.oneStepAPage = true;
        window.history.pushState = step;
    })();
    document.currentScript?.remove();
</script>"""


def one_a_page() -> None:
    """Have the browser take a step back and forward for each page, and none for what is written into the address of the same page.

    Streamlit makes a step of every change of the address: of the page, whose address begins without the work and the plan, and of each of these.
    """
    st.html(_ONE_STEP_A_PAGE, unsafe_allow_javascript=True)
