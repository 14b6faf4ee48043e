"""What a reader sees and does, in a real browser, from disk."""

from pathlib import Path

import pytest

from tests.reporting import sample
from tests.reporting.browser import Browser
from vpd.records import Candidate, ErrorInfo, Example, Execution, Step, Verdict
from vpd.reporting.report import write_report
from vpd.reporting.summary import QuestionRows, RunSummary


@pytest.fixture
def page(browser: Browser, report: Path) -> Browser:
    browser.resize(1440, 900)
    browser.theme("light")
    browser.open(report)
    browser.run("localStorage.clear(); delete document.documentElement.dataset.theme")
    yield browser
    assert browser.problems == []


def open_question(page: Browser, number: int, program: int = 1) -> None:
    page.go(f"#question?n={number}&program={program}")
    page.wait_for(
        f"document.querySelector('#section-question code').textContent === 'scene-{number - 1:05d}' && "
        f"document.querySelector('.tabs [aria-current] .index').textContent === '{program}'"
    )


def rows_shown(page: Browser) -> int:
    return page.run("document.querySelectorAll('.rows li').length")


def open_report(browser: Browser, folder: Path, rows: list[QuestionRows]) -> None:
    browser.open(
        write_report(folder / "report", rows, folder / "images", RunSummary("a run")), "#question?n=1"
    )
    browser.wait_for("document.querySelector('#section-question h1')")


class TestOverview:
    def test_it_is_what_a_reader_sees_first(self, page):
        assert page.run("document.querySelector('#section-overview').checkVisibility()")
        assert not page.run("document.querySelector('#section-questions').checkVisibility()")

    def test_every_status_has_its_count_and_leads_to_its_questions(self, page):
        page.point(".legend a[href='#questions?status=timeout']", click=True)
        page.wait_for("document.querySelectorAll('.rows li').length")
        assert all("timeout" in text for text in page.texts(".rows .strip"))
        assert page.run("document.querySelector('[name=status]').value") == "timeout"

    def test_nothing_is_asked_of_the_network(self, page, report):
        open_question(page, 3)
        folder = report.parent.resolve().as_uri()
        assert len(page.requests) > 10
        assert [url for url in page.requests if not url.startswith((folder, "about:"))] == []


class TestList:
    @pytest.fixture(autouse=True)
    def at_the_list(self, page):
        page.go("#questions")
        page.wait_for("document.querySelectorAll('.rows li').length")

    def test_a_row_shows_picture_question_label_and_how_each_program_ended(self, page):
        page.wait_for("document.querySelector('.row img').naturalWidth > 100")
        text = page.texts(".row")[1]
        assert "circles are in the picture?" in text
        assert "label" in text
        assert page.run("document.querySelector('.row .strip').children.length") == 5

    def test_it_shows_a_page_at_a_time(self, page):
        assert rows_shown(page) == 50
        page.press("]", "]")
        page.wait_for("document.querySelectorAll('.rows li').length === 20")
        assert page.texts(".pages .where") == ["Page 3 of 3"]

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ("source=painted", 60),
            ("type=yes_no", 0),
            ("verdict=unlabelled", 12),
            ("verdict=unsolved", 12),
            ("status=ok&verdict=incorrect", 108),
            ("disagree=1", 120),
            ("text=scene-0000", 10),
            ("text=SCENE-00003", 1),
            ("text=scene-0000&source=drawn", 5),
        ],
    )
    def test_filters_of_the_address(self, page, filters, expected):
        page.go(f"#questions?{filters}")
        text = {0: "No question matches.", 120: "120 questions."}.get(
            expected, f"{expected} of 120 questions."
        )
        page.wait_for(f"document.querySelector('.found').textContent === '{text}'")

    def test_the_form_filters_as_one_types(self, page):
        page.press("/")
        page.press(*"scene-00007")
        page.wait_for("document.querySelectorAll('.rows li').length === 1")
        assert page.run("location.hash") == "#questions?text=scene-00007"
        page.point("#filters [type=reset]", click=True)
        page.wait_for("document.querySelectorAll('.rows li').length === 50")

    def test_keys_lead_to_a_question_and_back_to_its_row(self, page):
        page.press("j", "j", "Enter")
        page.wait_for("document.querySelector('#section-question h1')?.checkVisibility()")
        assert page.run("location.hash") == "#question?n=2"
        page.press("Escape")
        page.wait_for("document.activeElement.dataset.number === '1'")


class TestQuestion:
    def test_the_next_question_is_the_next_that_matches(self, page):
        page.go("#question?n=1&source=drawn")
        page.wait_for("document.querySelector('.steps .where').textContent === '1 of 60'")
        page.press("j")
        page.wait_for("location.hash === '#question?n=3&source=drawn'")

    def test_the_lines_that_ran_are_marked(self, page):
        open_question(page, 2)
        assert page.texts(".program li.ran > .number") == ["3", "4", "5", "7"]

    def test_the_trace_tells_every_step(self, page):
        open_question(page, 2)
        table = page.texts(".trace tbody tr")
        assert len(table) == 8
        assert "image.find" in table[0]
        assert "object_name='circle'" in table[0]
        assert "circles = " in table[1]
        assert "visual_property='blue'" in table[2]
        assert "return str(len(matching))'1'" in table[-1]

    def test_the_verdict_gives_its_reason(self, page):
        open_question(page, 2)
        assert page.texts(".verdict h2") == ["Correct★ selected"]
        assert page.texts(".verdict .reason") == ["The answer 1 agrees with the label 1."]

    def test_the_line_of_an_error_carries_its_message(self, page):
        open_question(page, 1, program=5)
        assert page.texts(".program li.failed .message") == ["IndexError: list index out of range"]
        assert page.texts(".program li.failed .number") == ["3"]

    def test_a_number_chooses_a_program(self, page):
        open_question(page, 1)
        page.press("4")
        page.wait_for("document.querySelector('.verdict h2').textContent === 'Unsupported'")

    def test_pointing_at_a_line_lights_its_steps(self, page):
        open_question(page, 2)
        page.point(".program li[data-line='4']")
        kinds = page.run("[...document.querySelectorAll('.trace tr.lit')].map(e => e.dataset.kind)")
        assert kinds == ["call", "call", "call", "bind"]

    def test_clicking_a_line_goes_through_its_steps(self, page):
        open_question(page, 2)
        chosen = "[...document.querySelectorAll('.trace tbody tr')].findIndex(e => e.ariaSelected === 'true')"
        for expected in (2, 3, 4, 5, 2):
            page.point(".program li[data-line='4'] button", click=True)
            assert page.run(chosen) == expected

    def test_a_question_that_is_not_there_is_said_to_be_missing(self, page):
        page.go("#question?n=99999")
        page.wait_for("document.querySelector('.notice')?.textContent === 'This run has no question 99999.'")


class TestBoxes:
    def test_boxes_lie_where_they_belong_at_any_size_of_the_picture(self, page, browser, tmp_path):
        path = tmp_path / "images" / "wide.png"
        objects = sample.draw_scene(path, 5, size=(2400, 900))
        image = sample.describe(path, tmp_path / "images")
        open_report(browser, tmp_path, [sample.question(1, image, objects)])
        for width in (1440, 700):
            browser.resize(width, 800)
            browser.point(".trace tbody tr:first-child")
            boxes = browser.run(
                "(() => { const c = document.querySelector('.canvas').getBoundingClientRect();"
                "return [...document.querySelectorAll('.canvas rect.result')].map(e => {"
                "const r = e.getBoundingClientRect();"
                "return [r.left - c.left, r.top - c.top, r.right - c.left, r.bottom - c.top]"
                ".map(each => each * 2400 / c.width) }) })()"
            )
            expected = [box for _, box in objects]
            assert len(boxes) == len(expected)
            # Half the stroke, in pixels of the image.
            tolerance = 2.5 * 2400 / 300
            for drawn, box in zip(boxes, expected, strict=True):
                assert drawn == pytest.approx(box, abs=tolerance)

    def test_pointing_at_a_step_shows_its_region_and_leaving_shows_all_again(self, page):
        open_question(page, 2)
        everything = page.run("document.querySelectorAll('.canvas .all').length")
        page.point(".trace tbody tr:nth-child(4)")
        assert page.run("document.querySelectorAll('.canvas .region').length") == 1
        assert page.run("document.querySelectorAll('.canvas .outside').length") == 1
        page.point("#section-question h1")
        assert page.run("document.querySelectorAll('.canvas .region').length") == 0
        assert page.run("document.querySelectorAll('.canvas .all').length") == everything > 0

    def test_a_chosen_step_stays_until_it_is_let_go(self, page):
        open_question(page, 2)
        page.press("ArrowDown", "ArrowDown", "ArrowDown")
        assert page.run("document.querySelector('.trace tr[aria-selected=true]').dataset.step") == "2"
        assert page.run("document.querySelectorAll('.canvas .region').length") == 1
        page.press("Escape")
        assert (
            page.run("document.querySelectorAll('.canvas .region, .trace tr[aria-selected=true]').length")
            == 0
        )
        assert page.run("location.hash.startsWith('#question')")

    def test_zooming_shows_the_region_large(self, page):
        open_question(page, 2)
        page.press("ArrowDown", "ArrowDown", "ArrowDown")
        width = "document.querySelector('.canvas rect.region').getBoundingClientRect().width"
        before = page.run(width)
        page.press("z")
        assert page.run(width) > 1.5 * before
        page.press("z")
        assert page.run(width) == before

    def test_a_step_on_a_frame_of_a_video_turns_to_that_frame(self, page, browser, tmp_path):
        frames = []
        for number in range(4):
            sample.draw_scene(tmp_path / "images" / f"{number}.png", number)
            frames.append(sample.describe(tmp_path / "images" / f"{number}.png", tmp_path / "images"))
        example = Example(id="v", images=tuple(frames), question="What happens?", video=True)
        steps = tuple(
            Step(
                kind="call", line=2, expression="frame.find('ball')", tool="find", image=number,
                region=(0, 0, 480, 320), arguments={"object_name": "ball"},
                result=[sample.patch((10, 10, 60, 60), "ball", 0.9, image=number)],
            )
            for number in range(4)
        )  # fmt: skip
        rows = sample.rows_of(
            example, [sample.answered(example, 0, "def f(video):\n    pass\n", "a ball", steps)]
        )
        open_report(browser, tmp_path, [rows])
        browser.point(".trace tbody tr:nth-child(3)")
        assert browser.run("document.querySelector('.film [aria-pressed=true]').ariaLabel") == "Frame 3"
        assert "2.png" in browser.texts(".stage .name")[0]
        assert browser.run("document.querySelectorAll('.canvas rect.result').length") == 1
        name = browser.run("document.querySelector('.canvas image').getAttribute('href')")
        assert (tmp_path / "report" / name).is_file()

    def test_a_picture_that_cannot_be_shown_says_why(self, page, browser, tmp_path):
        sample.draw_scene(tmp_path / "images" / "gone.png", 1)
        image = sample.describe(tmp_path / "images" / "gone.png", tmp_path / "images")
        (tmp_path / "images" / "gone.png").unlink()
        open_report(browser, tmp_path, [sample.question(1, image, [])])
        assert browser.texts(".missing") == ["There is no picture of gone.png: the file is no longer there."]


class TestUnusualRows:
    def test_a_question_without_images_programs_or_label(self, page, browser, tmp_path):
        example = Example(id="x", images=(), question="Why?", problem="the image a.jpg does not exist")
        open_report(browser, tmp_path, [QuestionRows(example, [], [], [])])
        assert browser.texts("#section-question .notice") == [
            "the image a.jpg does not exist",
            "There is no program for this question.",
        ]

    def test_programs_that_have_not_run_yet(self, page, browser, tmp_path):
        example = Example(id="x", images=(), question="Why?")
        candidate = Candidate(example_id="x", index=0, program="def execute_command(image):\n    pass\n")
        open_report(browser, tmp_path, [QuestionRows(example, [candidate], [], [])])
        assert browser.texts(".verdict h2") == ["Not run"]

    def test_a_reply_without_a_program(self, page, browser, tmp_path):
        example = Example(id="x", images=(), question="Why?")
        candidate = Candidate(example_id="x", index=0, program="", problem="the reply holds no function")
        execution = Execution(
            example_id="x", index=0, status="rejected", error=ErrorInfo(type="NoProgram", message="empty")
        )
        open_report(browser, tmp_path, [QuestionRows(example, [candidate], [execution], [])])
        assert browser.texts(".verdict p") == ["the reply holds no function", "NoProgram empty"]

    def test_a_long_trace_is_shown_in_part_until_asked_for(self, page, browser, tmp_path):
        example = Example(id="x", images=(), question="Why?", answers=("1",))
        steps = tuple(Step(kind="bind", line=2, expression="i", name="i", value=i) for i in range(1000))
        candidate, execution, verdict = sample.answered(example, 0, "for i in r:\n    i\n", "1", steps)
        execution = execution.model_copy(update={"steps_dropped": 77})
        verdict = Verdict(**{**verdict.model_dump(), "evidence": {"ablation": 0.5}})
        open_report(browser, tmp_path, [QuestionRows(example, [candidate], [execution], [verdict])])
        assert len(browser.texts(".trace tbody tr")) == 300
        browser.press("ArrowUp")
        assert len(browser.texts(".trace tbody tr")) == 1000
        assert "77 steps more" in browser.texts(".scroll .note")[0]
        assert "ablation0.5" in browser.texts(".verdict .facts")[0]


class TestAppearance:
    BACKGROUND = "getComputedStyle(document.body).backgroundColor"

    def test_it_follows_the_system_and_a_key_switches(self, page):
        light = page.run(self.BACKGROUND)
        page.theme("dark")
        dark = page.run(self.BACKGROUND)
        assert dark != light
        page.press("t")
        assert page.run(self.BACKGROUND) == light

    @pytest.mark.parametrize("hash_", ["#overview", "#questions", "#question?n=2", "#question?n=1&program=5"])
    def test_nothing_sticks_out_of_a_narrow_screen(self, page, hash_):
        page.resize(360, 780)
        page.go(hash_)
        page.wait_for("document.querySelector('main > section:not([hidden])').children.length")
        assert page.run("document.documentElement.scrollWidth") <= 360

    def test_the_keys_are_listed(self, page):
        page.press("?")
        page.wait_for("document.querySelector('#help').open")
        page.press("Escape")
        page.wait_for("!document.querySelector('#help').open")
