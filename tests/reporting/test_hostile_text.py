"""Text that a program, a data set, an image or a tool wrote stays text, whatever it says."""

import json
import re
from pathlib import Path

import pytest

from tests.reporting import sample
from tests.reporting.browser import Browser
from vpd.records import Candidate, ErrorInfo, Example, Execution, Step, Verdict
from vpd.reporting.report import write_report
from vpd.reporting.summary import Figure, QuestionRows, RunSummary, Table

ATTACKS = [
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    "<!-- <script>",
    "--><script>window.hacked=1</script>",
    "</textarea></title></style><script>window.hacked=1</script>",
    "]]><script>window.hacked=1</script>",
    "\"');window.hacked=1;//",
    "`${window.hacked=1}`",
    "\u2028window.hacked=1//\u2029",
    "{{ 7*7 }}{% include 'x' %}",
    "javascript:window.hacked=1",
    "../../../../etc/passwd",
    "C:\\Windows\\..\\x\x00.js",
    "#question?n=1&text=<b>",
    "__proto__",
    "constructor",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "https://attacker.invalid/pixel.png",
    "<link rel=stylesheet href=https://attacker.invalid/x.css>",
    "<meta http-equiv=refresh content='0;url=https://attacker.invalid'>",
    "\u202egnp.exe\u202c",
    "\x1b[31mred\x07",
]

HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e]")


def written_out(text: str) -> str:
    return HIDDEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)


def hostile_rows(number: int, attack: str, root: Path) -> QuestionRows:
    """A question with the attack in every text that there is."""
    path = root / f"{number}.png"
    sample.draw_scene(path, number)
    image = sample.describe(path, root)
    # The second picture has a hostile name, and is not there.
    absent = image.model_copy(update={"path": attack, "sha256": attack})
    example = Example(
        id=attack, images=(image, absent), question=attack, answers=(attack,), choices=(attack, "b"),
        answer_type="choice", source=attack, problem=attack,
    )  # fmt: skip
    patch = {"image": 0, "box": [1, 2, 30, 40], "category": attack, "confidence": 0.5}
    steps = (
        Step(
            kind="call", line=1, expression=attack, tool=attack, image=0, region=(0, 0, 50, 50),
            arguments={attack: attack, "list": [patch]}, result=[patch, {attack: attack}],
        ),
        Step(kind="call", line=1, expression=attack, tool=attack, error=attack),
        Step(kind="bind", line=1, expression=attack, name=attack, value=attack),
    )  # fmt: skip
    identity = {"example_id": attack, "index": 0}
    return QuestionRows(
        example,
        [Candidate(**identity, program=f"{attack}\nx = '{attack}'", model=attack, problem=attack)],
        [
            Execution(
                **identity, status="error", answer=attack, steps=steps,
                error=ErrorInfo(type=attack, message=attack, line=1),
            )
        ],
        [Verdict(**identity, status="error", correct=False, reason=attack, evidence={attack: attack})],
    )  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    rows = [hostile_rows(number, attack, folder / "images") for number, attack in enumerate(ATTACKS)]
    everything = "\n".join(ATTACKS)
    figure = b"<svg xmlns='http://www.w3.org/2000/svg'><script>parent.hacked=1;hacked=1</script></svg>"
    summary = RunSummary(
        everything,
        recipe=everything,
        tables=[Table(everything, [everything], [[attack] for attack in ATTACKS], note=everything)],
        figures=[Figure(everything, figure, note=everything)],
    )
    return write_report(folder / "report", rows, folder / "images", summary)


@pytest.fixture
def page(browser: Browser, hostile: Path) -> Browser:
    browser.resize(1440, 900)
    browser.open(hostile)
    elements = browser.run("document.querySelectorAll('script, link, meta, style').length")
    yield browser
    assert browser.run("window.hacked") is None
    # Nothing even tried: no policy was violated, no markup appeared, no other address was asked for.
    assert browser.problems == []
    assert browser.run("document.querySelectorAll('script, link, meta, style').length") == elements
    assert browser.run("document.querySelectorAll('[onerror], [onload], [src=x]').length") == 0
    folder = hostile.parent.resolve().as_uri()
    assert [url for url in browser.requests if not url.startswith((folder, "about:"))] == []


def test_the_overview_shows_it_as_text(page):
    shown = page.texts("table.data td")
    assert [text for text in shown if text in set(map(written_out, ATTACKS))]
    assert page.texts("details pre") == [written_out("\n".join(ATTACKS))]


def test_the_list_shows_it_as_text(page):
    page.go("#questions")
    page.wait_for("document.querySelectorAll('.rows li').length")
    assert page.texts(".asked > .text") == list(map(written_out, ATTACKS))


@pytest.mark.parametrize("number", range(len(ATTACKS)))
def test_the_question_shows_it_as_text(page, number):
    attack = written_out(ATTACKS[number])
    page.go(f"#question?n={number + 1}")
    page.wait_for(f"document.querySelector('#section-question h1')?.textContent === {json.dumps(attack)}")
    assert page.texts(".program li code") == [attack, f"x = '{attack}'"]
    assert page.texts(".program .message") == [f"{attack}: {attack}"]
    assert page.texts(".verdict .reason") == [attack, attack]
    assert page.texts(".trace .expression code") == [attack] * 3
    assert page.texts(".trace td.result .failed") == [attack]
    assert page.texts(".patch bdi") == [f"{attack} 0.50"] * 2
    page.point(".trace tbody tr:first-child")
    assert set(page.texts(".tag")) == {f"{attack} 0.50"}
    page.point(".film button:nth-child(2)", click=True)
    assert attack in page.texts(".missing")[0]


def test_a_search_for_it_finds_it(page):
    for attack in ATTACKS:
        found = page.run(f"vpd.filters.find({{text: {json.dumps(written_out(attack))}}}).length")
        assert found >= 1


def test_a_hostile_source_can_be_filtered_by(page):
    for attack in map(written_out, ATTACKS):
        page.run(f"location.hash = vpd.address('questions', {{source: {json.dumps(attack)}}})")
        page.wait_for("document.querySelector('.found').textContent.startsWith('1 of')")
        assert page.run("document.querySelector('[name=source]').value") == attack


def test_no_file_is_named_by_a_run(hostile):
    names = {
        path.relative_to(hostile.parent).as_posix() for path in hostile.parent.rglob("*") if path.is_file()
    }
    own = re.compile(
        r"index\.html|assets/[a-z]+\.(js|css)|data/(rows|pages)-\d+\.js|figures/0\.svg"
        r"|pictures/[0-9a-f]{2}/[0-9a-f]{32}(-small)?\.jpg"
    )
    assert [name for name in names if not own.fullmatch(name)] == []
    assert [
        path.name for path in hostile.parent.parent.iterdir() if path.name not in ("images", "report")
    ] == []


def test_scripts_hold_no_text_of_the_run(hostile):
    scripts = "".join(path.read_text() for path in (hostile.parent / "data").iterdir())
    assert not re.search("hacked|attacker|<", scripts)


def test_the_policy_would_stop_markup_that_came_through(browser, hostile):
    browser.open(hostile)
    with pytest.raises(RuntimeError, match="TrustedHTML"):
        browser.run("document.body.innerHTML = '<img src=x onerror=window.hacked=1>'")
    with pytest.raises(RuntimeError, match="TrustedScriptURL"):
        browser.run("document.head.append(vpd.element('script', {src: 'x.js'}))")
    with pytest.raises(RuntimeError, match="TrustedScript"):
        browser.run("vpd.element('img', {onerror: 'window.hacked=1'})")
    address = "https://attacker.invalid/pixel.png"
    browser.run(f"document.body.append(vpd.element('img', {{src: '{address}'}}))")
    browser.run("new Promise((resolve) => setTimeout(resolve, 100))")
    assert any("Content Security Policy" in problem and address in problem for problem in browser.problems)
