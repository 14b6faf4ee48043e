"""The program language as `programs/api.pyi` describes it: patches, their geometry, and what reaches a tool."""

import pytest

from tests.execution.running import SIZE, Host, answer, run
from vpd.execution.calls import ApiCall, Patch
from vpd.execution.sandbox import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLE = Patch(0, (0, 0, *SIZE))


async def test_found_patches_count_from_the_bottom(sandbox: Sandbox) -> None:
    dog = "image.find('dog')[0]"  # 20 to 60 from the top of 80
    assert await answer(sandbox, f"[{dog}.left, {dog}.lower, {dog}.right, {dog}.upper]") == "10, 20, 30, 60"
    assert await answer(sandbox, f"[{dog}.horizontal_center, {dog}.vertical_center]") == "20, 40"
    assert await answer(sandbox, f"[{dog}.category, {dog}.confidence]") == "dog, 0.9"


@pytest.mark.parametrize(
    ("call", "method", "patch", "arguments"),
    [
        ("image.find('dog')", "find", WHOLE, {"object_name": "dog"}),
        ("image.exists('dog')", "exists", WHOLE, {"object_name": "dog"}),
        (
            "image.verify_property('dog', 'red')",
            "verify_property",
            WHOLE,
            {"object_name": "dog", "visual_property": "red"},
        ),
        (
            "image.best_text_match(['a', 'b'], prefix='p')",
            "best_text_match",
            WHOLE,
            {"option_list": ["a", "b"], "prefix": "p"},
        ),
        ("image.simple_query()", "simple_query", WHOLE, {"question": "What is this?"}),
        ("image.read_text()", "read_text", WHOLE, {}),
        ("image.find_text()", "find_text", WHOLE, {"text": None}),
        ("image.compute_depth()", "compute_depth", WHOLE, {}),
        (
            "image.llm_query('why?')",
            "llm_query",
            WHOLE,
            {"query": "why?", "context": None, "long_answer": True},
        ),
        (
            "llm_query('why?', 'c')",
            "llm_query",
            None,
            {"query": "why?", "context": "c", "long_answer": False},
        ),
        (
            "best_image_match([image, image.crop(0, 0, 10, 10)], 'a dog')",
            "best_image_match",
            None,
            {"list_patches": [WHOLE, Patch(0, (0, 70, 10, 80))], "content": ["a dog"]},
        ),
        (
            "ImagePatch(image, 10, 20, 30, 60).exists('x')",
            "exists",
            Patch(0, (10, 20, 30, 60)),
            {"object_name": "x"},
        ),
        ("image.crop(-5, -5, 500, 500.7).exists('x')", "exists", WHOLE, {"object_name": "x"}),
    ],
)
async def test_a_call_reaches_the_host(
    sandbox: Sandbox, call: str, method: str, patch: Patch | None, arguments: dict[str, object]
) -> None:
    host = Host()
    await run(sandbox, f"def execute_command(image):\n    {call}\n    return 'done'", host)
    assert host.calls == [ApiCall(method, patch, arguments)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("image.crop(10, 20, 30, 40).crop(15, 25, 20, 30).left", "15"),
        ("image.crop(10, 20, 30, 40).overlaps_with(30, 20, 40, 40)", "no"),
        ("image.crop(10, 20, 30, 40).overlaps_with(29, 39, 40, 50)", "yes"),
        ("distance(3, -4)", "7"),
        ("distance(image.crop(0, 0, 10, 10), image.crop(13, 14, 20, 20))", "5"),
        ("distance(image.crop(0, 0, 10, 10), image.crop(10, 0, 20, 10))", "0"),
        ("distance(image.crop(0, 0, 10, 10), image.crop(5, 0, 15, 10)) < -0.33", "yes"),
        ("bool_to_yesno(3 > 2)", "yes"),
        ("coerce_to_numeric('about 1,250.5 dollars')", "1250.5"),
        ("coerce_to_numeric('two dogs')", "2"),
        ("coerce_to_numeric('-3')", "-3"),
        ("best_image_match([], ['x']) is None", "yes"),
        ("best_image_match(image.find('dog'), ['x'], return_index=True)", "1"),
        ("image.find('dog')[0] == image.find('dog')[0]", "no"),
        ("(lambda p: [p.find('dog').index(d) for d in p.find('dog')[:0]] == [])(image)", "yes"),
        ("len({p for p in image.find('dog')})", "2"),
        ("f'{image}'", "ImagePatch(0, 0, 100, 80)"),
    ],
)
async def test_what_needs_no_tool(sandbox: Sandbox, expression: str, text: str) -> None:
    assert await answer(sandbox, expression) == text


async def test_the_best_of_several_patches_is_that_very_patch(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            patches = image.find("animal")
            return best_image_match(patches, "a cat") is patches[1]
    """
    assert (await run(sandbox, program)).answer == "yes"


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("image.crop(30, 0, 10, 10)", "ValueError"),
        ("image.crop(200, 0, 300, 10)", "ValueError"),
        ("ImagePatch('photo.jpg')", "TypeError"),
        ("coerce_to_numeric('none')", "ValueError"),
        ("image.find(image.category or 3)", "TypeError"),
        ("image.best_text_match([])", "ValueError"),
    ],
)
async def test_what_makes_no_sense_raises_in_the_program(
    sandbox: Sandbox, expression: str, error: str
) -> None:
    outcome = await run(sandbox, f"def execute_command(image):\n    x = {expression}\n    return 'done'")
    assert outcome.error
    assert (outcome.status, outcome.error.type, outcome.error.line) == ("error", error, 2)
