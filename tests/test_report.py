"""The board report says what the plan says, stands alone, and lets nothing that was typed become live."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from plans import BITING, NAMES, barest, biting, plain, solved
from test_policies import threatened

import optimizer
from optimizer.errors import Problem
from optimizer.executors import Here
from optimizer.plan.explain import percent
from optimizer.studies.living.simple_rules import policies
from optimizer.studies.living.unseen_futures import out_of_sample
from optimizer.studies.living.unseen_plan import unseen_headlines
from optimizer.studies.registry import STUDIES
from ui.report.board import MOST_FUTURES, MOST_MATERIALS, report_html
from ui.words import charts as text
from ui.words.figures import money_scale

EMPTY_TAGS = {"meta", "br", "img", "link", "input", "hr"}
MAY_STAND = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "section",
    "p",
    "h1",
    "h2",
    "h3",
    "div",
    "span",
    "b",
    "ul",
    "li",
    "figure",
    "figcaption",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "dl",
    "dt",
    "dd",
    "svg",
    "g",
    "path",
    "line",
    "text",
    "rect",
    "defs",
    "clippath",
}


class Page(HTMLParser):
    """What a browser would find: tags, attributes, and the text between them (not in style)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = " ".join(self.words)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style" and data.strip():
            self.words.append(data.strip())


@pytest.mark.parametrize("name", NAMES)
def test_the_report_says_what_the_plan_says(name):
    """Title, answer, figures, what to do, costs, fill rates, worst futures and the whole provenance stand in it."""
    plan = solved(name)
    page = Page(report_html(plan, "Base case"))
    assert plan.case.settings.title in page.text and "Base case" in page.text
    for line in plan.headlines:
        assert line.text in page.words and line.label in page.words
    for key, _ in text.REPORT_SECTIONS:
        for sentence in plan.sentences[key][:5]:
            assert sentence[:100] in page.text
    currency = plan.case.settings.currency
    costs = plan.tables["costs"]
    shown = money_scale([*costs["expected"], *costs["reference"], costs["expected"].sum(), costs["reference"].sum()], currency)
    assert text.money_title(shown.unit(currency), text.IN_EXPECTATION) in page.words
    assert {shown.show(value) for value in costs["expected"]} <= set(page.words)
    budget = plan.tables["budget"].assign(amount=lambda rows: rows.amount + rows.carried)
    shown = money_scale([*budget["amount"], *budget["spent"], *budget["highest"]], currency)
    assert {shown.show(value) for name in ("amount", "spent", "highest") for value in budget[name]} <= set(page.words)
    yearly = plan.tables["yearly"]
    assert {str(year) for year in yearly["fiscal_year"]} <= set(page.words)
    assert yearly["cash_discounted"].sum() == pytest.approx(plan.expected_cash)
    assert yearly["shortage_losses_discounted"].sum() == pytest.approx(plan.shortage_losses)
    for row in plan.tables["fill_rate"].itertuples():
        assert percent(row.fill_rate) in page.words and row.use in page.words
    for scenario in plan.tables["scenarios"].sort_values("cost", ascending=False, kind="stable")["scenario"].head(MOST_FUTURES):
        assert scenario in page.words
    for warning in plan.warnings:
        assert str(warning)[:100] in page.text
    assert plan.provenance["input_sha256"] in page.words and plan.provenance["solver"] in page.words and plan.provenance["version"] in page.words
    assert set(map(text.stamp_word, (key for key, value in plan.provenance.items() if value not in (None, "")))) <= set(page.words)


def test_the_total_of_the_cost_table_is_the_expected_cost():
    """The parts of the cost add up to the figure above them."""
    plan = solved("gallium_germanium")
    html = report_html(plan)
    total = re.search(r"<tr class=total>(.*?)</tr>", html.split(f"<h2>{text.COST_HEAD}")[1])[1]
    costs = plan.tables["costs"]
    shown = money_scale([*costs["expected"], *costs["reference"], plan.expected_cost], plan.case.settings.currency)
    assert f">{shown.show(plan.expected_cost)}<" in total


@pytest.mark.parametrize("make", (biting, barest, plain, *(lambda name=name: solved(name) for name in NAMES)))
def test_the_report_stands_alone(make):
    """It has no script, no link, no image and no address, its tags close, its ids differ, and it fits any plan."""
    html = report_html(make(), BITING[2])
    page = Page(html)
    assert not page.open and set(page.tags) <= MAY_STAND
    assert not any(name.startswith("on") or name in ("href", "src", "xlink:href", "srcset") for name, _ in page.attributes)
    addresses = {value for name, value in page.attributes if value and "//" in value}
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert "url(" not in style and "@import" not in style
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_hostile_names_stand_as_the_text_that_they_are():
    """Markup in names, units, currencies, warnings and the title is shown, not obeyed; what is long is cut."""
    warning = Problem("Suppliers", "D4", f"What is {BITING[0]}?", level="warning")
    page = Page(report_html(replace(biting(), warnings=(warning,)), BITING[0]))
    assert page.text.count(BITING[0]) > 5 and "What is <script>" in page.text
    assert "**bold** [a]" in page.text and "\u202e" not in page.text and "right to left" in page.text
    assert max(map(len, page.words)) <= 1000


def test_a_plan_of_many_materials_draws_the_first_and_says_so():
    """Past a dozen materials the report names how many are drawn."""
    plan = plain()
    many = tuple(replace(plan.case.materials[0], material=f"ore {number}", row=number + 2) for number in range(MOST_MATERIALS + 3))
    page = Page(report_html(replace(plan, case=replace(plan.case, materials=many))))
    assert text.some_materials(MOST_MATERIALS, MOST_MATERIALS + 3) in page.words


def test_without_a_budget_or_a_shortage_the_report_still_says_so():
    """A plan without budget, projects and warnings has a sentence where their tables would stand."""
    page = Page(report_html(plain()))
    assert text.NO_WARNINGS in page.words and "No budget is used up." in page.words and text.DEAREST not in page.words


def test_the_report_says_what_the_studies_say():
    """What was asked of a plan stands in its report: sentences and charts, and the figures on unseen futures in place of the plan's own."""
    plan = optimizer.solve(threatened())
    found = {**out_of_sample(plan, futures=40, lived=5, executor=Here()), **policies(plan, futures=40, lived=4, executor=Here())}
    page = Page(report_html(plan, "Base case", found))
    assert not page.open and set(page.tags) <= MAY_STAND
    for study in ("out_of_sample", "policies"):
        assert STUDIES[study].title in page.words
    for sentence in [*found["out_of_sample"]["words"], *found["policies"]["words"]][:6]:
        assert sentence[:100] in page.text
    unseen = unseen_headlines(plan, found)["expected_cost"]
    assert unseen.text in page.words and unseen.meaning[:100] in page.text
    assert len([tag for tag in page.tags if tag == "svg"]) > len([tag for tag in Page(report_html(plan)).tags if tag == "svg"])
