"""Whatever form a reply has, the program in it is found, or the reason why there is none."""

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.sampling.reply import read_reply

PROGRAM = """def execute_command(image) -> str:
    cubes = image.find("cube")
    return str(len(cubes))
"""


def program_of(text: str) -> str:
    reply = read_reply(text)
    assert reply.problem is None, reply.problem
    return ast.unparse(ast.parse(reply.program))


CANONICAL = ast.unparse(ast.parse(PROGRAM))


@pytest.mark.parametrize(
    "text",
    [
        PROGRAM,
        f"```python\n{PROGRAM}```",
        f"```py\n{PROGRAM}\n```",
        f"```\n{PROGRAM}```",
        f"~~~python\n{PROGRAM}~~~",
        f"Here is the program:\n\n```python\n{PROGRAM}```\n\nIt counts the cubes.",
        f"Here is the program:\n\n{PROGRAM}\nThis counts the cubes; isn't it nice?",
        f"```python\n{PROGRAM}",
        f"<think>Let me see. def execute_command(x): no.</think>\n```python\n{PROGRAM}```",
        f"Let me see.</think>{PROGRAM}",
        f"```json\n{{}}\n```\n```python\n{PROGRAM}```",
        f"```bash\npip install x\n```\n```python\n{PROGRAM}```",
        "```python\ndef execute_command(image):\n    return 'first try'\n```\nWait, better:\n"
        + f"```python\n{PROGRAM}```",
        f"```python\n{PROGRAM}\nprint(execute_command(image))\n```",
        f"{PROGRAM}\nDone\n",
        f'```python\n{PROGRAM}\nif __name__ == "__main__":\n    execute_command(None)\n```',
        PROGRAM.replace("execute_command", "count_cubes"),
        "    " + PROGRAM.replace("\n", "\n    "),
        PROGRAM.replace("\n", "\r\n"),
    ],
)
def test_the_program_is_found(text: str):
    assert program_of(text) == CANONICAL


def test_a_body_without_its_head_is_completed():
    assert (
        'image.find("cube")' in read_reply('cubes = image.find("cube")\n    return str(len(cubes))').program
    )
    assert (
        'image.find("cube")'
        in read_reply('    cubes = image.find("cube")\n    return str(len(cubes))').program
    )


def test_helpers_come_along_and_the_function_that_nobody_calls_is_the_program():
    text = "def area(p):\n    return p.width * p.height\n\ndef answer(image):\n    return str(area(image))\n"
    program = read_reply(text).program
    assert "def area(p)" in program
    assert "def execute_command(image)" in program


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no Python function"),
        ("I cannot see the image.", "no Python function"),
        ("```python\nprint(1)\n```", "no Python function"),
        ("<think>First I would look for the cubes", "ends within its reasoning"),
        ("x" * 50_000, "longer than 20,000"),
        ("x" * 2_000_000, "longer than 1,000,000"),
    ],
)
def test_a_reply_without_a_program_says_why(text: str, problem: str):
    reply = read_reply(text)
    assert reply.program == ""
    assert problem in (reply.problem or "")


def test_a_reply_that_was_cut_off_says_so():
    assert "cut off" in (read_reply("```python\ndef execute_command(image):\n    if", "length").problem or "")


@pytest.mark.parametrize(
    "hostile",
    [
        "def f():\n x = 1\n" + "1 + \\\n" * 30_000,
        "<think>" * 100_000,
        "<think>a</thin" * 50_000,
        "def f():\n return 1\n" + "word\n" * 30_000,
        "```python\n" * 50_000,
        "def f(" * 50_000,
        "~~~\nx\n" * 50_000,
    ],
)
def test_no_reply_takes_long_to_read(hostile: str):
    started = time.process_time()
    for text in (hostile[:19_990], hostile):
        read_reply(text)
    assert time.process_time() - started < 10


@given(st.text(max_size=300))
def test_any_text_gives_a_program_that_parses_or_a_problem(text: str):
    reply = read_reply(text)
    if reply.problem is None:
        ast.parse(reply.program)
    else:
        assert reply.program == ""


@given(prose=st.text(st.characters(blacklist_characters="`~<>\r", blacklist_categories=["Cs"]), max_size=80))
def test_prose_around_a_fence_does_not_matter(prose: str):
    assert program_of(f"{prose}\n```python\n{PROGRAM}```\n{prose}") == CANONICAL
