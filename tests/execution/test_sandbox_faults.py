"""Every program ends in one typed status, and disturbs no other."""

import asyncio
import time
from textwrap import dedent, indent

import pytest

from tests.execution.running import Host, broken, run
from vpd.execution.calls import ApiCall, ApiValue, Patch
from vpd.execution.sandbox import Outcome, ProgramInputs, Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAULTS = {
    "endless loop": ("timeout", "while True: pass"),
    "endless loop in except": (
        "timeout",
        """
        while True:
            try:
                while True: pass
            except Exception:
                return "yes"
        """,
    ),
    "endless loop in a bare except": (
        "timeout",
        """
        try:
            while True: pass
        except:
            return "yes"
        finally:
            return "yes"
        """,
    ),
    "one long operation": ("timeout", "return sum(range(10**12))"),
    "memory bomb": ("memory", "x = []\nwhile True: x.append('a' * 1_000_000 + str(len(x)))"),
    "memory bomb in except": (
        "memory",
        """
        x = []
        while True:
            try:
                x.append('a' * 1_000_000 + str(len(x)))
            except BaseException:
                return "yes"
        """,
    ),
    "huge string": ("memory", "return 'a' * 10**10"),
    "huge integer": ("memory", "return 10 ** 10**8"),
    "huge list": ("memory", "return list(range(10**9))"),
    "deep recursion": ("memory", "def f(n): return f(n + 1)\nreturn f(0)"),
    "long answer": ("memory", "return 'a' * 5000"),
    "long list": ("memory", "return ['a'] * 5000"),
    "prints too much": ("memory", "for _ in range(100): print('a' * 100)\nreturn 'yes'"),
    "million tool calls": ("timeout", "for _ in range(1_000_000): image.exists('dog')\nreturn 'yes'"),
    "million tool calls in except": (
        "timeout",
        """
        for _ in range(1_000_000):
            try:
                image.exists('dog')
            except BaseException:
                pass
        return 'yes'
        """,
    ),
    "exception": ("error", "return 1 / 0"),
    "reads a file": ("violation", "return open('/etc/passwd').read()"),
    "reads a file through pathlib": (
        "violation",
        "import pathlib\nreturn pathlib.Path('/etc/passwd').read_text()",
    ),
    "environment": ("violation", "import os\nreturn os.environ['HOME']"),
    "network": ("violation", "import socket\nreturn socket.create_connection(('1.1.1.1', 80))"),
    "network library": ("violation", "import requests\nreturn requests.get('http://example.com').text"),
    "starts a process": ("violation", "import subprocess\nreturn subprocess.run(['ls'])"),
    "hidden import": ("violation", "return __import__('os').environ"),
    "imports the interpreter": ("violation", "import sys\nreturn sys.version"),
    "eval": ("violation", "return eval('1 + 1')"),
    "exec": ("violation", "exec('x = 1')\nreturn 'yes'"),
    "eval under another name": ("violation", "f = [eval][0]\nreturn f('1 + 1')"),
    "eval behind a local of its name": (
        "violation",
        """
        def never():
            eval = None
        return eval('1 + 1')
        """,
    ),
    "__class__": ("violation", "return ().__class__.__bases__[0].__subclasses__()"),
    "__globals__": ("violation", "return execute_command.__globals__"),
    "__builtins__": ("violation", "return __builtins__"),
    "format string": ("violation", "return '{0.__class__.__init__.__globals__}'.format(image)"),
    "attribute by a computed name": ("violation", "return getattr(image, '_vp' + 'd_patch')"),
    "sets an attribute by a computed name": (
        "violation",
        "setattr(image, '_vp' + 'd_patch', 1)\nreturn 'yes'",
    ),
    "object.__setattr__": ("violation", "object.__setattr__(image, '_vp' + 'd_patch', 1)\nreturn 'yes'"),
    "locals": ("violation", "return locals()"),
    "names the trace": ("violation", "_vpd_see(0, 1)\nreturn 'yes'"),
    "names the host": ("violation", "return _vpd_host(0, [], 'find', None, ())"),
    "names the prelude in a string": ("violation", "return '_vpd_see'"),
    "takes the prelude as a parameter": ("violation", "return (lambda _vpd_at=1: 1)()"),
    "no answer": ("no_answer", "return None"),
    "falls off its end": ("no_answer", "x = 1"),
    "empty list": ("no_answer", "return []"),
    "empty text": ("no_answer", "return ' '"),
    "a patch": ("no_answer", "return image"),
    "a list of patches": ("no_answer", "return image.find('dog')"),
    "a function": ("no_answer", "return lambda: 1"),
    "not a number": ("no_answer", "return float('nan')"),
}


def body(text: str) -> str:
    """A program with this body; its first line is the program's second."""
    return "def execute_command(image):\n" + indent(dedent(text).strip("\n").rstrip(), "    ")


async def test_an_operation_that_cannot_be_interrupted_ends_with_its_worker(sandbox: Sandbox) -> None:
    """Which limit is met first hangs on the machine."""
    outcome = await run(sandbox, body("x = 3\nfor _ in range(60): x = x * x\nreturn x"))
    assert outcome.status in ("timeout", "memory")
    assert outcome.answer is None


@pytest.mark.parametrize("name", FAULTS)
async def test_ends_in_its_status(sandbox: Sandbox, name: str) -> None:
    status, text = FAULTS[name]
    outcome = await run(sandbox, body(text))
    assert (outcome.status, outcome.answer) == (status, None), outcome.error
    assert outcome.error
    assert outcome.error.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\n\nreturn x + 'a'", 4),
        ("def f(patch):\n    return patch.left / 0\nreturn f(image)", 3),
        ("xs = image.find('dog')\nreturn [p.left for p in xs\n        if 1 / 0]", 4),
        ("for p in image.find('dog'):\n    if p.left > 1:\n        x = [\n            1 / 0\n        ]", 5),
        ("return max(image.find('dog'), key=lambda p: p.left / 0).left", 2),
        ("a, b, c = image.find('dog')", 2),
    ],
)
async def test_an_error_names_its_line(sandbox: Sandbox, text: str, line: int) -> None:
    outcome = await run(sandbox, body(text))
    assert outcome.error
    assert (outcome.status, outcome.error.line) == ("error", line)


@pytest.mark.parametrize(
    "program",
    [
        "",
        "def execute_command(image:\n    return 1",
        "Here is the program you asked for!",
        "def execute_command(image):\n    return '\0'",
        "def execute_command(image):\n    return '\ud800'",
        "return " + "(" * 5000,
        "def execute_command(image):\n    return " + "-" * 9000 + "1",
        "def execute_command(image):\n    return image" + ".left" * 3000,
        "def execute_command(image):\n    return " + "+".join(["1"] * 5000),
        "def execute_command(image):\n    return " + "[" * 90 + "]" * 90 + ".x" * 90,
        "def execute_command(image):\n" + "".join(" " * i + "if 1:\n" for i in range(1, 95)) + " " * 96 + "x",
        "def execute_command(image):\n    return '" + "a" * 30_000 + "'",
        "x = 1",
        "def one(image): pass\ndef two(image): pass",
        "def execute_command(image, a, b, c): pass",
        "async def execute_command(image): pass",
        "class execute_command: pass",
    ],
)
async def test_text_that_is_no_program_is_rejected(sandbox: Sandbox, program: str) -> None:
    outcome = await sandbox.run(program, ProgramInputs(((9, 9),)), Host())
    assert outcome.status in ("rejected", "unsupported"), outcome
    assert outcome.error


@pytest.mark.parametrize(
    "text",
    [
        "return '{" + "__" * 9500 + "'",
        "return '" + "{__a" * 4500 + "__'",
        "return f'" + "{image.left}" * 1500 + "'",
        "return [" + "image.exists('x')," * 1000 + "]",
        "return image" + " or image" * 200,
    ],
)
async def test_a_hostile_text_does_not_keep_the_host_busy(sandbox: Sandbox, text: str) -> None:
    start = time.process_time()
    outcome = await run(sandbox, body(text))
    assert time.process_time() - start < 2
    assert outcome.status in ("no_answer", "timeout", "memory", "unsupported"), outcome.error


async def test_a_failing_tool_cannot_become_an_answer(sandbox: Sandbox) -> None:
    host = Host(broken)
    text = """
        try:
            found = image.find("dog")
        except Exception:
            return "no"
        except BaseException:
            return "no"
        finally:
            return "no"
    """
    outcome = await run(sandbox, body(text), host)
    assert (outcome.status, outcome.answer) == ("tool_error", None)
    assert outcome.error
    assert (outcome.error.message, outcome.error.line) == ("the detector is out of order", 3)
    assert outcome.steps[-1].error == "the detector is out of order"


@pytest.mark.parametrize(
    ("call", "nonsense"),
    [
        ("find('dog')", "a dog"),
        ("find('dog')", [1, 2]),
        ("find('dog')", [Patch(0, (10, 10, 10, 20))]),
        ("find('dog')", [Patch(0, (-1, 0, 10, 20))]),
        ("find('dog')", [Patch(0, (0, 0, 1000, 20))]),
        ("find('dog')", [Patch(7, (0, 0, 10, 20))]),
        ("exists('dog')", "yes"),
        ("verify_property('dog', 'red')", None),
        ("simple_query('what?')", 3),
        ("compute_depth()", float("nan")),
        ("compute_depth()", "far"),
        ("compute_depth()", 10**400),
        ("best_text_match(['a', 'b'])", "c"),
        ("read_text()", "half a character: \ud800"),
        ("read_text()", "a" * 100_000_000),
        ("find('dog')", [Patch(0, (0, 0, 10, 20), "\ud800")]),
        ("find('dog')", [Patch(0, (0, 0, 10, 20), "dog", float("nan"))]),
    ],
)
async def test_a_tool_that_answers_nonsense_is_a_tool_error(
    sandbox: Sandbox, call: str, nonsense: ApiValue
) -> None:
    outcome = await run(sandbox, body(f"return image.{call}"), Host(lambda _: nonsense))
    assert outcome.status == "tool_error"
    assert outcome.error
    assert "nonsense" in outcome.error.message


async def test_text_of_a_data_set_may_be_anything(sandbox: Sandbox) -> None:
    hostile = "</script>'\"\0\ud800{0.__class__}\n_vpd_see"
    inputs = ProgramInputs(((9, 9),), question=hostile, choices=(hostile,))
    program = "def execute_command(image, choices, question):\n    return [question, *choices]"
    outcome = await run(sandbox, program, inputs=inputs)
    shown = hostile.replace("\ud800", "?")
    assert (outcome.status, outcome.answer) == ("ok", f"{shown}, {shown}")


async def test_a_fault_of_the_host_costs_only_its_program(sandbox: Sandbox) -> None:
    def faulty(call: ApiCall) -> ApiValue:
        raise KeyError("a bug")

    outcome = await run(sandbox, body("return image.exists('dog')"), Host(faulty))
    assert outcome.status == "tool_error"
    assert outcome.error
    assert outcome.error.type == "KeyError"


async def test_faults_leave_other_programs_alone(sandbox: Sandbox) -> None:
    good = body("return ', '.join(str(p.left) for p in image.find('dog') if p.exists('tail'))")
    alone = await run(sandbox, good)

    room = asyncio.Semaphore(sandbox.workers)

    async def limited(program: str) -> Outcome:
        async with room:
            return await run(sandbox, program)

    programs = [program for _, text in FAULTS.values() for program in (body(text), good)]
    outcomes = await asyncio.gather(*(limited(program) for program in programs))
    assert outcomes[1::2] == [alone] * len(FAULTS)
    assert [outcome.status for outcome in outcomes[0::2]] == [status for status, _ in FAULTS.values()]
