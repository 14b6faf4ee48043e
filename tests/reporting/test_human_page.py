"""The page of the human evaluation, by keyboard in a real browser: what is judged is what is downloaded."""

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from tests.reporting.browser import Browser
from vpd.errors import UserError
from vpd.evaluation.human import Judgment, Key, KeyItem, read_judgments
from vpd.records import ImageFile
from vpd.reporting.human_page import Shown, write_human_page

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture
def page(tmp_path: Path) -> Path:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a.png")
    digest = hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()
    image = ImageFile(path="a.png", sha256=digest, width=40, height=30)
    shown = [
        Shown(f"Question {n}? {HOSTILE}", ("red", "blue"), (image,), f"left {n} {HOSTILE}", f"right {n}")
        for n in range(3)
    ]
    return write_human_page(tmp_path / "page", "abc", shown, tmp_path)


def load(browser: Browser, page: Path) -> None:
    browser.send("Page.navigate", url="about:blank")
    browser.problems.clear()
    browser.send("Page.navigate", url=page.resolve().as_uri())
    browser.wait_for("document.querySelector('#progress').textContent")


def test_judging_by_keyboard(page: Path, browser: Browser, tmp_path: Path):
    load(browser, page)
    browser.run("localStorage.clear()")
    load(browser, page)
    assert browser.texts("#left") == [f"left 0 {HOSTILE}"]
    assert browser.run("document.querySelector('#pictures img').naturalWidth >= 0")

    browser.press("1", "2", "2", "3", "4", "5", "6", "6", "6", "6")  # once yes, twice no, three times open
    assert browser.texts("#progress") == ["1 of 3 · 1 judged"]
    browser.press("ArrowRight", "1")  # one of six: not complete
    assert browser.texts("#left") == [f"left 1 {HOSTILE}"]
    browser.run("document.querySelector('#rater').value = 'ann'")

    results = tmp_path / "results.jsonl"
    results.write_text(browser.run("results()"))
    key = Key(
        page="abc",
        benchmark="own",
        systems=("a", "b"),
        items=tuple(KeyItem(question_id=str(n), left="a", right="b") for n in range(3)),
    )
    sides = {"left": {"correct": True, "factual": False, "consistent": True}}
    sides["right"] = {"correct": True, "factual": True, "consistent": True}
    expected = Judgment.model_validate({"page": "abc", "rater": "ann", "item": 0, **sides})
    assert read_judgments([results], key) == [expected]
    assert browser.problems == []


def test_what_was_judged_is_there_when_the_page_is_opened_again(page: Path, browser: Browser):
    load(browser, page)
    browser.run("localStorage.clear()")
    load(browser, page)
    browser.press("1", "4", "ArrowRight")
    load(browser, page)
    assert browser.texts("#progress") == ["2 of 3 · 0 judged"]
    browser.press("ArrowLeft")
    assert browser.texts(".axis b") == ["yes", "", "", "yes", "", ""]
    browser.press("u")
    assert browser.texts("#progress") == ["1 of 3 · 0 judged"]


def test_without_a_name_nothing_is_downloaded(page: Path, browser: Browser):
    load(browser, page)
    browser.run("document.querySelector('#rater').value = ''")
    browser.press("d")
    assert browser.run("document.activeElement.id") == "rater"


def test_hostile_text_stays_text_and_nothing_tells_who_is_who(page: Path, browser: Browser):
    load(browser, page)
    assert browser.run("document.querySelectorAll('img[src=x]').length") == 0
    assert browser.run("document.scripts.length") == 2
    assert json.loads(browser.run("document.querySelector('#items').textContent"))[0].keys() == {
        "question",
        "choices",
        "pictures",
        "left",
        "right",
    }


def test_another_folder_is_not_overwritten(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError, match="is no such page"):
        write_human_page(tmp_path / "mine", "p", [], tmp_path)


def test_what_cannot_be_written_leaves_the_earlier_page(page: Path, tmp_path: Path):
    earlier = page.read_text()

    def torn():
        yield ImageFile(path="a.png", sha256="0", width=1, height=1)
        raise RuntimeError("as if it were killed")

    with pytest.raises(RuntimeError):
        write_human_page(page.parent, "new", [Shown("?", (), torn(), "", "")], tmp_path)  # pyright: ignore[reportArgumentType]
    assert page.read_text() == earlier
    write_human_page(page.parent, "new", [Shown("?", (), (), "", "")], tmp_path)
    assert 'data-page="new"' in page.read_text()
