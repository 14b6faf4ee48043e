"""The trace: every tool call, and every value that is named, branched on or returned, with the program's own lines."""

import json
from textwrap import dedent
from typing import Any

import pytest

from tests.execution.running import CAT, DOG, Host, run
from vpd.execution.limits import Limits
from vpd.execution.protocol import patch_json
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.records import Step

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def steps(sandbox: Sandbox, program: str) -> tuple[Step, ...]:
    outcome = await run(sandbox, program)
    assert outcome.status in ("ok", "no_answer", "error"), outcome.error
    assert outcome.steps_dropped == 0
    return outcome.steps


def told(steps: tuple[Step, ...], kind: str) -> list[tuple[int, str | None, Any]]:
    """Line, name or expression, and value of the steps of one kind."""
    return [
        (step.line, step.name or step.expression, step.value if kind != "call" else step.result)
        for step in steps
        if step.kind == kind
    ]


async def test_a_call_tells_what_was_asked_of_which_region(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            dog = image.find("dog")[0]

            return dog.verify_property("dog",
                                       visual_property="brown")
    """
    find, _, verify, _ = await steps(sandbox, program)
    assert find == Step(
        kind="call",
        line=2,
        expression='image.find("dog")',
        tool="find",
        image=0,
        region=(0, 0, 100, 80),
        arguments={"object_name": "dog"},
        result=[patch_json(DOG), patch_json(CAT)],
    )
    assert verify == Step(
        kind="call",
        line=4,
        expression='dog.verify_property("dog",\n                               visual_property="brown")',
        tool="verify_property",
        image=0,
        region=(10, 20, 30, 60),
        arguments={"object_name": "dog", "visual_property": "brown"},
        result=True,
    )


async def test_every_way_of_binding_a_name(sandbox: Sandbox) -> None:
    program = """
        def helper(left, *rest, right=2, **more):
            return left
        def execute_command(image):
            a = 1
            b = c = 2
            d, (e, *f) = 3, (4, 5, 6)
            g: int = 7
            g += 1
            h = {}
            h["key"] = 9
            h["key"] += 1
            if (i := 11) > 10: j, k = 12, 13
            for l in [14]: l + 1
            for m, n in [(15, 16)]:
                if m: pass
            for o in [17]:
                for p in [18]:
                    pass
            helper(19, 20, right=21, x=22)
            return "done"
    """
    assert told(await steps(sandbox, program), "bind") == [
        (4, "a", 1),
        (5, "b", 2),
        (5, "c", 2),
        (6, "d", 3),
        (6, "e", 4),
        (6, "f", [5, 6]),
        (7, "g", 7),
        (8, "g", 8),
        (9, "h", {}),
        (10, "h['key']", 9),
        (11, "h['key']", 10),
        (12, "i", 11),
        (12, "j", 12),
        (12, "k", 13),
        (13, "l", 14),
        (14, "m", 15),
        (14, "n", 16),
        (16, "o", 17),
        (17, "p", 18),
        (1, "left", 19),
        (1, "rest", [20]),
        (1, "right", 21),
        (1, "more", {"x": 22}),
    ]


async def test_every_way_of_branching(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            x = 0
            while x < 2:
                x += 1
            if x == 3:
                return 1
            elif x == 2:
                y = 5 if x > 2 else 6
            z = [n for n in (1, 2) if n > 1]
            return "done"
    """
    assert told(await steps(sandbox, program), "branch") == [
        (3, "x < 2", True),
        (3, "x < 2", True),
        (3, "x < 2", False),
        (5, "x == 3", False),
        (7, "x == 2", True),
        (8, "x > 2", False),
        (9, "n > 1", False),
        (9, "n > 1", True),
    ]


async def test_a_branch_shows_the_value_and_not_its_truth(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            if image.find("dog"):
                return "yes"
    """
    [(_, _, value)] = told(await steps(sandbox, program), "branch")
    assert value == [patch_json(DOG), patch_json(CAT)]


async def test_returns_of_all_functions_in_the_order_they_happened(sandbox: Sandbox) -> None:
    program = """
        def inner(x):
            if x: return
            return x + 1
        def execute_command(image):
            inner(1)
            return inner(0)
    """
    assert told(await steps(sandbox, program), "return") == [
        (2, "None", None),
        (3, "x + 1", 1),
        (6, "inner(0)", 1),
    ]


async def test_calls_inside_other_expressions_keep_their_own_place(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            names = [p.category
                     for p in sorted(image.find("animal"),
                                     key=lambda p: p.compute_depth())
                     if p.exists("tail")]
            best = best_image_match(image.find("x"),
                                    [image.simple_query("which?")])
            look = image.exists
            if any(p.verify_property("animal", "big") for p in image.find("y")) and look("z"):
                return f"It is {best.simple_query('colour?')}."
    """
    calls = [(step.line, step.tool) for step in await steps(sandbox, program) if step.kind == "call"]
    assert calls == [
        (3, "find"),
        (4, "compute_depth"),
        (4, "compute_depth"),
        (5, "exists"),
        (5, "exists"),
        (6, "find"),
        (7, "simple_query"),
        (6, "best_image_match"),
        (9, "find"),
        (9, "verify_property"),
        (9, "exists"),
        (10, "simple_query"),
    ]


async def test_a_call_in_a_text_of_several_lines_has_its_own_line(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            x = image.exists("a")
            return f'''It is
                {image.simple_query("colour?")}
            '''
    """
    [_, query] = [step for step in await steps(sandbox, program) if step.kind == "call"]
    assert (query.line, query.expression) == (4, 'image.simple_query("colour?")')


async def test_a_text_that_prints_its_own_source_still_does(sandbox: Sandbox) -> None:
    outcome = await run(sandbox, "def execute_command(image):\n    return f'{image.exists(\"a\") = }'")
    assert outcome.answer == 'image.exists("a") = True'
    assert [(step.line, step.tool) for step in outcome.steps if step.kind == "call"] == [(2, "exists")]


async def test_calls_made_for_a_program_are_placed_where_it_asked_for_them(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            names = ["dog", "cat"]
            found = list(map(image.exists, names))
            return list(filter(image.exists, names))
    """
    calls = [(step.line, step.expression) for step in await steps(sandbox, program) if step.kind == "call"]
    assert calls == [
        (3, "map(image.exists, names)"),
        (3, "map(image.exists, names)"),
        (4, "filter(image.exists, names)"),
        (4, "filter(image.exists, names)"),
    ]


async def test_a_call_from_nowhere_known_is_placed_at_the_first_line(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            class Looking: pass
            looking = Looking()
            looking.at = image.exists
            return looking.at("dog")
    """
    [call] = [step for step in await steps(sandbox, program) if step.kind == "call"]
    assert (call.line, call.expression, call.tool) == (1, "execute_command", "exists")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("image", {"image": 0, "box": [0, 0, 100, 80], "category": "", "confidence": 1.0}),
        ("(1, 'a', None)", [1, "a", None]),
        ("{'b': [1.5, True]}", {"b": [1.5, True]}),
        ("{1: 2}", {"1": 2}),
        ("{'only'}", ["only"]),
        ("[[[[[1]]]]]", [[[["<list>"]]]]),
        ("float('inf')", "inf"),
        ("10 ** 20", "100000000000000000000"),
        ("10 ** 4000", "a number too large to write"),
        ("lambda: 1", "<function>"),
        ("ImagePatch", "<type>"),
        ("'ü' * 3", "üüü"),
    ],
)
async def test_values_become_json(sandbox: Sandbox, expression: str, value: object) -> None:
    program = f"def execute_command(image):\n    x = {expression}\n    return 'done'"
    assert told(await steps(sandbox, program), "bind") == [(2, "x", value)]


async def test_a_large_value_costs_the_trace_little(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            x = [0] * 1000
            y = [x] * 1000
            z = [y] * 1000
            return "done"
    """
    for _, _, value in told(await steps(sandbox, program), "bind"):
        assert len(json.dumps(value)) <= 2100
        assert "more" in json.dumps(value)


async def test_a_value_is_kept_as_it_was_then(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            xs = [1]
            xs.append(2)
            ys = xs
            return "done"
    """
    assert told(await steps(sandbox, program), "bind") == [(2, "xs", [1]), (4, "ys", [1, 2])]


async def test_what_a_program_does_to_a_patch_does_not_change_where_it_looked(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            dog = image.find("dog")[0]
            dog.left, dog.category, dog.upper = 0, "cat", 80
            return dog.simple_query("what?")
    """
    last_call = [step for step in await steps(sandbox, program) if step.kind == "call"][-1]
    assert (last_call.image, last_call.region) == (DOG.image, DOG.box)


async def test_the_trace_of_a_failed_program_reaches_to_its_failure(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            x = 1
            y = x / 0
            return y
    """
    assert told(await steps(sandbox, program), "bind") == [(2, "x", 1)]


async def test_the_trace_of_a_program_out_of_time_reaches_to_its_last_call(sandbox: Sandbox) -> None:
    program = """
        def execute_command(image):
            x = 1
            image.exists("dog")
            while True: pass
    """
    outcome = await run(sandbox, program)
    assert outcome.status == "timeout"
    assert [step.kind for step in outcome.steps] == ["bind", "call"]


async def test_a_redefinition_does_not_reach_the_trace(sandbox: Sandbox) -> None:
    program = """
        class ImagePatch:
            left = 5
        def len(x): return 99
        def sorted(x, key=None): return "mine"
        def distance(a, b): return "mine"
        list = str = int = type = max = range = None
        def _at(site, x): return x
        def execute_command(image):
            found = image.find("dog")
            found.sort(key=lambda p: -p.left)
            return [found[0].left, len(found), sorted(found), distance(1, 2), ImagePatch.left]
    """
    outcome = await run(sandbox, program)
    assert outcome.answer == "50, 99, mine, mine, 5"
    found = next(step for step in outcome.steps if step.name == "found")
    assert found.value == [patch_json(DOG), patch_json(CAT)]


async def test_the_trace_is_bounded() -> None:
    program = dedent("""
        def execute_command(image):
            for i in range(100):
                found = image.exists("x" * 1000)
            return "done"
    """)
    async with Sandbox(Limits(trace_steps=10, trace_value_chars=40), workers=1) as sandbox:
        outcome = await sandbox.run(program, ProgramInputs(((10, 10),)), Host())
    assert (len(outcome.steps), outcome.steps_dropped) == (10, 291)
    assert outcome.steps[1].arguments == {"object_name": "x" * 39 + "…"}
