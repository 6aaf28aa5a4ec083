"""The pages of the app. A page is its script in app_pages/ and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Needs(StrEnum):
    """The thing without which a page has nothing to show, and leads to where it is made."""

    NOTHING = "nothing"
    WORKBOOK = "workbook"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its name in the address and of its script, its title in the navigation, its icon, and what it needs."""

    name: str
    title: str
    icon: str
    needs: Needs

    @property
    def script(self) -> str:
        """The path of its script from the app's folder."""
        return f"app_pages/{self.name}.py"


PAGES = (
    Page("start", "Start", ":material/home:", Needs.NOTHING),
    Page("importing", "Import", ":material/upload_file:", Needs.NOTHING),
    Page("data", "Inputs", ":material/table:", Needs.WORKBOOK),
    Page("solve", "Solve", ":material/play_circle:", Needs.WORKBOOK),
    Page("plan", "Plan", ":material/assignment:", Needs.PLAN),
    Page("scenarios", "Futures", ":material/alt_route:", Needs.PLAN),
    Page("studies", "Studies", ":material/fact_check:", Needs.PLAN),
    Page("compare", "Compare", ":material/compare_arrows:", Needs.PLAN),
    Page("export", "Hand on", ":material/ios_share:", Needs.PLAN),
    Page("glossary", "Glossary", ":material/menu_book:", Needs.NOTHING),
)
"""Every page, in the order of the work. The first is the one that the bare address opens."""

FIRST = PAGES[0]


def page_named(name: str) -> Page:
    """Return the page of that name; KeyError if there is none."""
    return {page.name: page for page in PAGES}[name]
