"""The list of works, two windows on one work, and the browser's back and forward: under Streamlit's test driver and in a real browser."""

from __future__ import annotations

import json
import re

import pytest
from browser import browsing, new_page, opened, press, serving, settled, visit
from playwright.sync_api import expect
from test_app_pages import app, fresh_server, words  # noqa: F401 - fresh_server serves every test here
from test_library import TUTORIAL, plan  # noqa: F401 - plan is asked for by its name
from test_runs import work_of

from optimizer.editing.rows import differences
from optimizer.editing.sheets import value_at, with_address
from optimizer.intake.reader import case_from_sheets
from optimizer.runs.history import History
from optimizer.runs.library import Library
from optimizer.runs.states import RunState
from optimizer.runs.store import Store
from optimizer.studies.whatif import budget_scaled
from ui.session import state, visitor
from ui.words.plan import EDITED_SINCE


def with_plans(plan, store: Store | None = None, count: int = 2):  # noqa: F811
    """A work of a sample with so many plans, Plan 1 and on."""
    work = work_of(store=store)
    for number in range(count):
        work.new_run(work.sheets, title=f"Plan {number + 1}", who="Ana").keep(plan, {})
    return work


def labels(test) -> list[str]:
    return [button.label for button in test.button]


# -- the list ----------------------------------------------------------------------------------------------------------------


def test_the_bare_address_lists_works_with_their_plans_and_figures(plan):  # noqa: F811
    """Without any work in the address the first page shows each work with its last plan's figures and who began it, and opens it at that plan."""
    work = with_plans(plan)
    work.rename("Base *case*")
    test = app()
    assert "Base \\*case\\*" in words(test) and "Plan 2" in words(test) and plan.headlines[0].text.replace(".", "\\.") in words(test)
    test.button(key=f"open:{work.id}").click().run()
    assert test.session_state["work"] == work.id and len(test.metric) == 7


def test_a_work_is_copied_deleted_and_restored_by_its_menu(plan):  # noqa: F811
    """The menu of a work makes a copy, and deletes; what was deleted last is said with the way back, which brings it back."""
    work = with_plans(plan, count=1)
    test = app(work)
    test.menu_button(key=f"menu:{work.id}").click("Duplicate").run()
    copy = next(one for one in Library(Store()).works() if one.id != work.id)
    assert copy.title == "tutorial.xlsx (copy)" and [run.title for run in copy.runs] == ["Plan 1"]
    test.menu_button(key=f"menu:{work.id}").click("Delete").run()
    assert "Deleted: tutorial" in words(test) and Store().work(work.id) is None
    assert heard_on(test) == "tutorial.xlsx is deleted, and can be restored."
    test.button(key="restore:last").click().run()
    assert heard_on(test) == "tutorial.xlsx is restored."
    assert "Deleted" not in words(test) and Store().work(work.id).runs


def heard_on(test) -> str:
    """What those who hear the page were told last."""
    (region,) = test.get("bidi_component")
    return json.loads(region.proto.json)["words"]


def unfolded(test, work):
    """The first page with the plans of a work unfolded, which the test driver folds up at every run."""
    test.session_state[f"plans:{work.id}"] = True
    return test.run()


def test_a_plan_is_copied_and_deleted_alone(plan):  # noqa: F811
    """The menu of a plan makes a copy of it, and deletes it; an address of the deleted plan says so and restores it."""
    work = with_plans(plan)
    first, second = work.runs
    test = unfolded(app(work), work)
    test.menu_button(key=f"menu:{work.id}:{first.id}").click("Duplicate").run()
    assert [run.title for run in work.runs] == ["Plan 1", "Plan 2", "Plan 1 (copy)"]
    unfolded(test, work).menu_button(key=f"menu:{work.id}:{second.id}").click("Delete").run()
    assert [run.title for run in work.runs] == ["Plan 1", "Plan 1 (copy)"] and "Deleted: Plan 2 of tutorial" in words(test)
    gone = app(work, second, "plan")
    assert "This plan was deleted" in words(gone) and "Show the last plan" in labels(gone)
    next(button for button in gone.button if button.label == "Restore").click().run()
    assert len(gone.metric) == 7 and "Plan 2" in words(gone)


def test_the_inputs_of_a_plan_open_as_a_new_work(plan):  # noqa: F811
    """The menu of a plan begins a work with its inputs and shows them."""
    work = with_plans(plan, count=1)
    test = unfolded(app(work), work)
    test.menu_button(key=f"menu:{work.id}:{work.runs[0].id}").click("Open its inputs as a new work").run()
    begun = next(one for one in Library(Store()).works() if one.id != work.id)
    assert "tutorial\\.xlsx: Plan 1".replace(":", ":\u2060") in words(test) and begun.title == "tutorial.xlsx: Plan 1" and begun.runs == []


def test_an_address_of_a_deleted_work_restores_it(plan):  # noqa: F811
    """A bookmark of a deleted work says that it was deleted, and one click shows it again."""
    work = with_plans(plan, count=1)
    work.set_aside()
    test = app(work, work.runs[0], "plan")
    assert "This work was deleted" in words(test)
    next(button for button in test.button if button.label == "Restore").click().run()
    assert len(test.metric) == 7


HEADERS = {
    "at this computer": ({"Host": "127.0.0.1:8501"}, {}, True, "me"),
    "under a name": ({"Host": "plans.example.org"}, {}, None, ""),
    "through a proxy": ({"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.7"}, {}, None, ""),
    "logged in": ({"Host": "plans.example.org"}, {"email": "ana@example.org"}, "ana@example.org", "ana@example.org"),
    "by the sixth version": ({"Host": "[::1]:8501"}, {}, True, "me"),
}


@pytest.mark.parametrize("how", HEADERS)
def test_a_visitor_lists_no_works_of_others(how, monkeypatch):
    """At this computer all works are listed; through a proxy only those of the same login, and without a login none; "off" lists none at all."""
    headers, login, expected, name = HEADERS[how]
    monkeypatch.setattr(visitor, "computer_user", lambda: "me")
    monkeypatch.setattr(visitor.st, "context", type("Context", (), {"headers": headers}))
    monkeypatch.setattr(visitor.st, "user", type("User", (), {"to_dict": staticmethod(lambda: login)}))
    monkeypatch.setattr(visitor.st, "get_option", lambda name: ["127.0.0.1", "localhost"])
    found = visitor.library()
    assert (found if found is None else found.owner or True) == expected and visitor.who() == name
    monkeypatch.setenv(visitor.LIST, "off")
    assert visitor.library() is None


def test_a_server_that_admits_other_names_is_not_this_computer_alone(monkeypatch):
    """Where the server was told to answer to a name of a network, nobody counts as sitting at it."""
    monkeypatch.setattr(visitor.st, "context", type("Context", (), {"headers": {"Host": "localhost"}}))
    monkeypatch.setattr(visitor.st, "get_option", lambda name: ["plans.example.org", "localhost"])
    assert not visitor.on_this_computer()


def test_the_last_plan_is_read_while_another_is_made(plan):  # noqa: F811
    """While a plan is being made the pages show the one before, and say so; without one they lead to the solve."""
    work = with_plans(plan, count=1)
    waiting = work.new_run(work.sheets, title="Plan 2")
    test = app(work, waiting, "plan")
    assert len(test.metric) == 7 and "**Plan 2** is being made. Until then you see **Plan 1**" in words(test)
    work.runs[0].set_aside()
    assert "A plan is being made" in words(app(work, waiting, "plan"))


def test_a_solve_without_a_plan_is_said_beside_the_plan_before(plan):  # noqa: F811
    """Where a solve came to no plan, the pages show the one before, say so, and lead to the reasons; of one that was thrown away they say nothing."""
    work = with_plans(plan, count=1)
    for ended, conflicts in ((RunState.INFEASIBLE, {"conflicts": []}), (RunState.DISCARDED, {})):
        asked = work.new_run(work.sheets, title="Plan 2")
        asked.set_state(ended, **conflicts)  # before the app begins, whose queue would take it
        test = app(work, asked, "plan")
        said = "**Plan 2** has no plan. No plan satisfies all limits of the workbook. You see **Plan 1**" in words(test)
        assert len(test.metric) == 7 and said == (ended == RunState.INFEASIBLE)
        if said:
            next(button for button in test.button if button.label == "See why").click().run()
            assert "No plan satisfies all limits" in words(test)


# -- what is decided beforehand ----------------------------------------------------------------------------------------------


def levers_of(test, kind: str):
    """The page that makes a plan with one kind of decisions unfolded."""
    test.session_state["levers"], test.session_state["levers:kind"] = True, kind
    return test.run()


def test_what_is_decided_beforehand_is_an_edit_of_the_inputs():
    """An offer is left out and taken in again, a year's budget typed, a disruption made certain: each stands in the inputs at once and is listed."""
    work = work_of()
    before = case_from_sheets(work.sheets).case
    test = levers_of(app(work, page="solve"), "offers")
    test.multiselect[0].set_value([before.offers[0].row]).run()
    assert case_from_sheets(work.sheets).case.offers[0].capacity_per_year == 0 and "Another window" not in words(test)
    assert any("capacity_per_year" in str(frame.value.to_dict()) for frame in test.dataframe)
    levers_of(test, "offers").multiselect[0].set_value([]).run()
    assert work.sheets == work.original_sheets
    levers_of(test, "budgets").text_input[0].set_value("400,000")
    next(button for button in test.button if button.label == "Apply").click().run()
    assert "can be read in several ways. Type 400 or 400000." in words(test) and work.sheets == work.original_sheets
    levers_of(test, "budgets").text_input[0].set_value("450,000.00")
    next(button for button in test.button if button.label == "Apply").click().run()
    assert case_from_sheets(work.sheets).case.budget[0].amount == 450_000
    levers_of(test, "disruptions").selectbox[0].set_value(1).run()
    assert case_from_sheets(work.sheets).case.disruptions[0].decision_probability == 1
    assert [change.sheet for change in differences(work.original_sheets, work.sheets)].count("Budget") == 1


def test_a_decision_that_the_workbook_cannot_hold_is_not_kept():
    """A contract beyond the capacity is refused where it is typed, with the reason, and the inputs stay sound; one within it is kept and left again."""
    work = work_of()
    offer = next(offer for offer in case_from_sheets(work.sheets).case.offers if offer.contractable)
    test = levers_of(app(work, page="solve"), "contracts")
    test.text_input[0].set_value(str(10 * offer.capacity_per_year))
    next(button for button in test.button if button.label == "Fix this quantity").click().run()
    assert "cannot be signed" in words(test) and work.sheets == work.original_sheets
    levers_of(test, "contracts").text_input[0].set_value("12")
    next(button for button in test.button if button.label == "Fix this quantity").click().run()
    assert [row.fixed_contract for row in case_from_sheets(work.sheets).case.offers if row.row == offer.row] == [12]
    next(button for button in levers_of(test, "contracts").button if button.label == "Leave it to the plan").click().run()
    assert all(row.fixed_contract is None for row in case_from_sheets(work.sheets).case.offers)


# -- two windows ---------------------------------------------------------------------------------------------------------------


def test_a_slider_moved_in_one_window_is_seen_in_the_other():
    """What one window sets is shown in the other with a word, and stays when the other sets something else."""
    work = work_of()
    one, two = app(work, page="solve"), app(work, page="solve")
    one.select_slider(key=f"budget:{work.id}").set_value(1.2).run()
    two.run()
    assert "Another window changed the sliders" in words(two) and "budget 120%" in words(two)
    two.select_slider(key=f"risk_weight:{work.id}:1").set_value(0.9).run()
    assert work.choices == {"budget": 1.2, "risk_weight": 0.9} and "budget 120%, risk weight 90%" in words(two)
    one.run()
    assert "Another window changed the sliders" in words(one) and "risk weight 90%" in words(one)
    two.button(key="windows:read").click().run()
    assert "Another window" not in words(two)


def test_a_slider_moved_in_two_windows_is_not_overwritten_without_a_word():
    """The window that moves it last says what the other had set; the other is shown it with a word."""
    work = work_of()
    one, two = app(work, page="solve"), app(work, page="solve")
    one.select_slider(key=f"budget:{work.id}").set_value(1.2).run()
    two.select_slider(key=f"budget:{work.id}").set_value(0.8).run()
    assert work.choices == {"budget": 0.8} and "another window had set 120% meanwhile" in words(two)
    one.run()
    assert "Another window changed the sliders" in words(one) and "budget 80%" in words(one)


def test_what_is_pressed_on_inputs_that_another_window_has_changed_does_nothing():
    """A click that was meant for other inputs takes nothing back: the page says so and shows them as they are; the next click counts."""
    work = work_of()
    History(work).save(with_address(work.sheets, "Budget", "B2", 1.0))
    test = app(work, page="data")
    History(work).save(with_address(work.sheets, "Budget", "B3", 2.0))
    next(button for button in test.button if button.label == "Undo").click().run()
    budget = next(raw for raw in work.sheets if raw.name == "Budget")
    assert (value_at(budget, 2, 2), value_at(budget, 3, 2)) == (1.0, 2.0) and "Another window changed the inputs" in words(test)
    next(button for button in test.button if button.label == "Take all back").click().run()
    assert value_at(next(raw for raw in work.sheets if raw.name == "Budget"), 3, 2) != 2.0


# -- in a browser --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory, plan):  # noqa: F811
    """A server with a work that has two plans, and a browser: (address, the work, the browser)."""
    folder = tmp_path_factory.mktemp("library")
    work = with_plans(plan, Store(folder / "home"))
    with serving(folder / "home") as address, browsing() as browser:
        yield address, work, browser


def test_back_and_forward_go_a_page_at_a_time(site):
    """A work is renamed; from there over a plan to the inputs and the futures each step back shows the page before with its plan, each forward the next."""
    address, work, browser = site
    first, second = work.runs
    page = opened(new_page(browser), address)
    press(page, "More")
    page.get_by_text("Rename", exact=True).click()
    page.get_by_label("New name").fill("Base case")
    press(page, "Save")
    expect(page.get_by_text("Base case", exact=True)).to_be_visible()
    steps = page.evaluate("history.length")
    press(page, "Open")
    expect(page.get_by_text("Plan 2 of").first).to_be_visible()
    visit(page, "Inputs")
    visit(page, "Futures")
    assert page.evaluate("history.length") == steps + 3
    assert "Futures · Base case" in page.title()
    walked = []
    for move in (page.go_back, page.go_back, page.go_back, page.go_forward, page.go_forward):
        move()
        page.wait_for_timeout(500)
        settled(page)
        walked.append(re.sub(r"\?.*", "", page.url.removeprefix(f"{address}/")))
    assert walked == ["data", "plan", "", "plan", "data"] and f"work={work.id}" in page.url
    opened(page, f"{address}/plan?work={work.id}&plan={first.id}")
    expect(page.get_by_text("Plan 1 of").first).to_be_visible()


def test_a_second_window_shows_what_the_first_has_changed(site):
    """Without a click, within seconds; on the inputs, where something may be half typed, after a click. No page is wider than a phone."""
    address, work, browser = site
    page = opened(new_page(browser, width=390, dark=True), f"{address}/solve?work={work.id}")
    work.choose(budget=1.25)
    expect(page.get_by_text("budget 125%").first).to_be_visible()
    visit_narrow = f"{address}/data?work={work.id}"
    opened(page, visit_narrow)
    History(work).save(with_address(work.sheets, "Budget", "B2", 1.0))
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("Another window changed the inputs")).to_be_visible()
    opened(page, address)
    assert page.evaluate("() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollWidth - main.clientWidth; }") <= 1


def test_the_plan_before_is_read_until_the_new_one_is_there(site, plan):  # noqa: F811
    """While another plan is made, the page of the plan shows the one before and says so; as soon as the new one is kept it takes its place by itself."""
    address, work, browser = site
    made = work.new_run(work.sheets, title="Plan 3")  # it waits: no queue has taken it
    page = opened(new_page(browser), f"{address}/plan?work={work.id}&plan={made.id}")
    expect(page.get_by_text("Until then you see")).to_be_visible()
    expect(page.get_by_text("Plan 2 of").first).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(7)
    made.keep(plan, {})
    expect(page.get_by_text("Plan 3 of").first).to_be_visible()
    expect(page.get_by_text("Until then you see")).to_have_count(0)


# -- what is shown is true ---------------------------------------------------------------------------------------------------


def test_a_plan_says_that_the_inputs_were_edited_as_long_as_they_say_something_else(plan):  # noqa: F811
    """An edit is said; taken back, it is not; of a plan that was made from an edit, taking that back is said, and so it is with a budget of the slider."""
    work = with_plans(plan, count=1)
    asked, sheets = work.runs[0], work.sheets
    assert not state.edited_since(work, asked)
    edited = with_address(sheets, "Budget", "B2", 123456.0)
    work.save_sheets(edited)
    assert state.edited_since(work, asked) and EDITED_SINCE in words(app(work, asked, "plan"))
    halved = work.new_run(budget_scaled(work.sheets, 0.5), title="Half of what was edited", budget=0.5)
    work.save_sheets(sheets)
    assert not state.edited_since(work, asked) and EDITED_SINCE not in words(app(work, asked, "plan"))
    assert state.edited_since(work, halved)
    work.save_sheets(edited)
    assert not state.edited_since(work, halved)


def test_who_watches_a_solve_after_a_reload_is_led_to_its_plan(plan):  # noqa: F811
    """The page of a solve under way waits for its plan also where it was opened by its address; thrown away, it is waited for no more."""
    work = with_plans(plan, count=1)
    waiting = work.new_run(work.sheets, title="Plan 2")
    test = app(work, waiting, "solve")
    assert test.session_state["awaited"] == waiting.id
    next(button for button in test.button if button.label == "Throw away").click().run()
    assert "awaited" not in test.session_state


def test_where_limits_clash_the_inputs_open_on_the_sheet_that_may_give_way(plan):  # noqa: F811
    """From the rows that clash one click leads to the sheet of the first of them."""
    work = with_plans(plan, count=1)
    clash = {"sheet": "Budget", "row": 2, "what": "the 2027 budget", "give": 1.0, "unit": "USD", "clash": 1, "column": "amount", "value": 1, "to": 2}
    none = work.new_run(work.sheets, title="Plan 2")
    none.set_state(RunState.INFEASIBLE, conflicts=[clash])
    test = app(work, none, "solve")
    next(button for button in test.button if button.label == "To the inputs").click().run()
    assert test.session_state["data:sheet"] == "Budget"
