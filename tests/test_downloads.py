"""Downloads of the app, in a real browser: a file that cannot be made says so, and the others are there."""

from __future__ import annotations

from pathlib import Path

from browser import browsing, new_page, opened, serving, settled
from playwright.sync_api import expect

import optimizer
from optimizer.runs.store import Store
from optimizer.runs.uploads import read_upload
from ui.report.files import ENDINGS

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"


def test_a_download_that_fails_says_so_and_the_next_one_works(tmp_path, home):
    """The workbook cannot be made: its place says so, with a number; the JSON beside it is downloaded; once it can be made, it is, and the words go."""
    data = TUTORIAL.read_bytes()
    work = Store().begin(read_upload(data, TUTORIAL.name), data)
    run = work.new_run(work.sheets, title="Plan 1")
    run.keep(optimizer.solve(TUTORIAL), {})
    (run.folder / "plan.xlsx").mkdir()  # in the place of the file
    with serving(home, sound=False) as address, browsing() as browser:
        page = opened(new_page(browser), f"{address}/export?work={work.id}&plan={run.id}")
        buttons = page.get_by_test_id("stDownloadButton").get_by_role("button")
        expect(buttons).to_have_count(2 + sum(map(len, ENDINGS.values())))
        assert len(set(buttons.all_inner_texts())) == buttons.count(), "two buttons are called the same"
        buttons.nth(0).click()
        said = page.get_by_role("alert").get_by_text("This file could not be made")
        expect(said).to_be_visible()
        page.screenshot(path=tmp_path / "failed.png")
        with page.expect_download() as caught:
            buttons.nth(1).click()
        assert caught.value.suggested_filename.endswith(".json")
        with page.expect_download() as caught:
            page.get_by_role("button", name=".pdf").last.click()
        assert Path(caught.value.path()).read_bytes().startswith(b"%PDF")
        (run.folder / "plan.xlsx").rmdir()
        with page.expect_download() as caught:
            buttons.nth(0).click()
        assert Path(caught.value.path()).read_bytes() == run.workbook()
        settled(page)
        expect(said).to_have_count(0)
