"""The rewrite: the program's own lines, and what the interpreter cannot do while a tool is awaited."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.execution.running import Host, run
from tests.execution.test_sandbox_faults import body
from vpd.execution.edits import Edits
from vpd.execution.prepare import prepare, read
from vpd.execution.sandbox import Sandbox

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=8)


@given(st.lists(LINE, min_size=1, max_size=6))
def test_edits_keep_the_text_and_tell_each_line_s_origin(lines: list[str]) -> None:
    source = "\n".join(lines).encode()
    edits = Edits(source)
    start = 0
    for number, line in enumerate(lines, 1):
        end = start + len(line.encode())
        edits.wrap(start, end, f"<{number}:", ">")
        edits.before(start, f"new {number}\n")
        edits.after(end, ";")
        start = end + 1
    text, origin = edits.apply()
    expected = [
        part for number, line in enumerate(lines, 1) for part in (f"new {number}", f"<{number}:{line}>;")
    ]
    assert text.split("\n") == expected
    assert list(origin[1:]) == [number for number in range(1, len(lines) + 1) for _ in range(2)]


def test_of_two_wraps_of_one_span_the_first_is_outside() -> None:
    edits = Edits(b"abc")
    edits.wrap(0, 3, "[", "]")
    edits.wrap(0, 3, "(", ")")
    edits.wrap(0, 1, "{", "}")
    edits.wrap(1, 3, "<", ">")
    assert edits.apply()[0] == "[({a}<bc>)]"


@pytest.mark.parametrize(
    "program",
    [
        "def execute_command(image):\n\treturn 1",
        "def execute_command(image): return 1",
        "def execute_command(image):\n    if 1: a, b = 1, 2; c = 3\n    else: a = (\n        4)\n    return a  # done",
        "def execute_command(image):\n    for ü in 'äöü': (ß := ü)\n    return f'{ü!r:>5} {ß}'",
        "def execute_command(image):\n    for x in [1]:\n        @(lambda f: f)\n        def g(): pass",
        "def execute_command(image):\r\n    x = 1\r\n    return x",
        "def execute_command(image):\n    '''doc\n    string'''\n    return 1",
        "def execute_command(image):\n    x = 1, \\\n        2\n    return x",
        "def execute_command(image):\n    return any(\n        x for x in [1]  # why\n    )",
        "def execute_command(image):\n    try: return 1\n    except (\n        ValueError\n    ): return 2",
    ],
)
def test_the_rewritten_program_is_python_with_known_lines(program: str) -> None:
    prepared = prepare(read(program, 1000)).rewritten
    ast.parse(prepared.source)
    lines = prepared.lines[1:]
    assert len(lines) == prepared.source.count("\n") + 1
    assert list(lines) == sorted(lines)
    assert set(lines) == set(range(1, program.count("\n") + 2))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("text", "answer", "calls"),
    [
        ("return [p.left for p in sorted(image.find('x'), key=lambda p: p.compute_depth())]", "50, 10", 3),
        ("xs = image.find('x')\nxs.sort(key=lambda p: p.compute_depth())\nreturn xs[0].left", "50", 3),
        ("xs = image.find('x')\nxs.sort(key=lambda p: p.left, reverse=True)\nreturn xs[0].left", "50", 1),
        ("xs = [3, 1, 2]\nys = xs\nxs.sort(key=lambda x: -x)\nreturn ys", "3, 2, 1", 0),
        ("return min(image.find('x'), key=lambda p: p.compute_depth()).left", "50", 3),
        ("return max(image.find('x'), key=lambda p: p.compute_depth()).left", "10", 3),
        ("return max([], key=len, default='none')", "none", 0),
        ("return max(1, 3, 2, key=lambda x: -x)", "1", 0),
        ("return min('bca')", "a", 0),
        ("d = {'a': 2, 'b': 1}\nreturn [max(d, key=d.get), *sorted(d, key=d.get)]", "a, b, a", 0),
        ("return list(map(str.upper, ['a', 'b']))", "A, B", 0),
        ("return sorted(['b', 'A', 'c'], key=str.lower)", "A, b, c", 0),
        ("xs = ['b', 'A']\nxs.sort(key=str.lower)\nreturn xs", "A, b", 0),
        ("return list(map(lambda a, b: a + b, [1, 2], [3, 4, 5]))", "4, 6", 0),
        ("return [p.left for p in filter(lambda p: p.exists('x'), image.find('x'))]", "10, 50", 3),
        ("return list(filter(None, [0, 1, 2]))", "1, 2", 0),
        ("return any(p.exists('x') for p in image.find('x'))", "yes", 2),
        ("return all(not p.exists('x') for p in image.find('x'))", "no", 2),
        ("return next(p.left for p in image.find('x') if p.exists('x'))", "10", 2),
        ("return next((p.left for p in image.find('x') if p.left > 99), 'none')", "none", 1),
        ("return any(p.exists(n) for n in ['a'] for p in image.find(n) if p.left > 20)", "yes", 2),
        ("return any(any(q.exists('y') for q in p.find('y')) for p in image.find('x'))", "yes", 3),
        ("return sum(p.exists('x') for p in image.find('x'))", "2", 3),
        ("return ', '.join(p.simple_query('c') for p in image.find('x'))", "brown, brown", 3),
        ("xs = (p.left for p in image.find('x'))\nreturn [next(xs), next(xs)]", "10, 50", 1),
        ("return {p.left: p.exists('x') for p in image.find('x')}[10]", "yes", 3),
        ("look = image.exists\nreturn [look('a'), look('b')]", "yes, yes", 2),
        ("f = lambda p, n='x': p.exists(n)\nreturn f(image)", "yes", 1),
        (
            "def outer():\n    def inner(p): return p.exists('x')\n    return inner\nreturn outer()(image)",
            "yes",
            1,
        ),
        (
            "try:\n    image.find('x')[9]\nexcept IndexError as e:\n    return str(e)",
            "list index out of range",
            1,
        ),
        (
            "from functools import reduce\nreturn reduce(lambda a, p: a + p.exists('x'), image.find('x'), 0)",
            "2",
            3,
        ),
    ],
)
async def test_programs_run_unchanged(sandbox: Sandbox, text: str, answer: str, calls: int) -> None:
    host = Host()
    outcome = await run(sandbox, body(text), host)
    assert (outcome.status, outcome.answer, len(host.calls)) == ("ok", answer, calls), outcome.error
