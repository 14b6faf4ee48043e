"""The static check: what is refused before anything runs, and what is not, although the type checker complains."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.execution.test_sandbox_faults import body
from vpd.execution.check import Checker

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAMS = Path(__file__).parents[2].parent / "shared" / "data" / "llm_programs.jsonl"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def checker() -> AsyncIterator[Checker]:
    async with Checker(workers=1) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "rule", "line", "named"),
    [
        ("x = 1\nreturn image.detect('dog')", "unresolved-attribute", 3, "detect"),
        ("return image.find('dog')[0].colour", "unresolved-attribute", 2, "colour"),
        ("return image.find('dog').count_all()", "unresolved-attribute", 2, "count_all"),
        ("return dogs", "unresolved-reference", 2, "dogs"),
        ("return bing_search('dog')", "unresolved-reference", 2, "bing_search"),
        ("return image.find()", "missing-argument", 2, "object_name"),
        ("return image.find('dog', 'cat')", "too-many-positional-arguments", 2, "find"),
        ("return image.find(name='dog')", "missing-argument", 2, "object_name"),
        ("return image.find(['dog'])", "invalid-argument-type", 2, "str"),
        ("return image.overlaps_with(image, 1, 2, 3)", "invalid-argument-type", 2, "float"),
        ("return image.simple_query(3)", "invalid-argument-type", 2, "str"),
        ("return [p for p in image]", "not-iterable", 2, "ImagePatch"),
        ("return 'dog'(image)", "call-non-callable", 2, "not callable"),
        ("def f(p):\n    return nowhere\nreturn f(image)", "unresolved-reference", 3, "nowhere"),
    ],
)
async def test_what_cannot_run_is_rejected(
    checker: Checker, text: str, rule: str, line: int, named: str
) -> None:
    result = await checker.check(body(text))
    assert result.status == "rejected"
    assert result.error
    assert (result.error.type, result.error.line) == (rule, line)
    assert named in result.error.message


@pytest.mark.parametrize(
    "text",
    [
        "return True",
        "return 3",
        "return None",
        "x: List[Missing] = []\nreturn 'yes'",
        "def f(p: Image) -> Tuple[int]: return 1\nreturn f(image)",
        "best = best_image_match(image.find('dog'), ['x'])\nreturn best.category",
        "return image.crop(0.5, 1.5, 10.0, 20.5).simple_query('what?')",
        "return max([1], default=None)",
        "return bool_to_yesno('dog')",
        "return image.best_text_match('dog')",
        "image.seen = True\nreturn image.seen",
        "if image.exists('dog'):\n    x = 1\nreturn x",
        "return math.floor(2.5) + len(re.findall('a', 'aa'))",
        "return getattr(image, 'left')",
        "return ' '.join(p.category for p in image.find('dog'))",
        "xs = image.find('dog')\nxs.sort(key=lambda p: p.left)\nreturn xs[0].left + '1'",
    ],
)
async def test_what_may_run_is_not_rejected(checker: Checker, text: str) -> None:
    program = body(text).replace("(image)", "(image) -> str", 1)
    assert (await checker.check(program)).status == "ok"


async def test_the_message_names_further_faults(checker: Checker) -> None:
    result = await checker.check(body("x = image.detect('dog')\nreturn dogs"))
    assert result.error
    assert "detect" in result.error.message
    assert "line 3: Name `dogs`" in result.error.message


async def test_syntax_and_entry_point_are_checked_too(checker: Checker) -> None:
    syntax = await checker.check("def execute_command(image):\n    x = 1\n    return (")
    assert syntax.error
    assert (syntax.status, syntax.error.type, syntax.error.line) == ("rejected", "SyntaxError", 3)
    entry = await checker.check("x = 1")
    assert entry.error
    assert (entry.status, entry.error.type) == ("rejected", "EntryPoint")


async def test_the_type_of_the_image_is_known_without_annotation(checker: Checker) -> None:
    assert (await checker.check("def execute_command(image):\n    return image.nothing")).status == "rejected"
    assert (
        await checker.check("def execute_command(video):\n    return video.find('x')")
    ).status == "rejected"


async def test_nothing_runs(checker: Checker) -> None:
    assert (await checker.check("while True: pass\ndef execute_command(image):\n    return 1")).status == "ok"


@pytest.mark.skipif(not PROGRAMS.exists(), reason="the real programs are not here")
async def test_few_real_programs_are_rejected(checker: Checker) -> None:
    with PROGRAMS.open() as lines:
        programs = [program for line in lines for program in json.loads(line)["programs"]]
    statuses = [(await checker.check(program)).status for program in programs]
    assert statuses.count("ok") >= 0.97 * len(programs)
