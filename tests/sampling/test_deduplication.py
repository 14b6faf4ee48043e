"""Programs that differ in nothing that matters are one."""

import pytest

from vpd.sampling.deduplication import normal_form

BASE = """def execute_command(image) -> str:
    cubes = image.find("cube")
    n = len(cubes)
    return str(n)
"""


@pytest.mark.parametrize(
    "same",
    [
        BASE.replace("    n =", "    # count them\n    n ="),
        BASE.replace("cubes", "things").replace("n =", "total =").replace("str(n)", "str(total)"),
        BASE.replace(" -> str", "").replace("image", "img"),
        BASE.replace('"cube"', "'cube'"),
        BASE.replace("    cubes =", '    """Count cubes."""\n    cubes ='),
        BASE.replace("n = len", "n: int = len"),
    ],
)
def test_layout_names_comments_and_annotations_do_not_matter(same: str):
    assert normal_form(same) == normal_form(BASE)


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace('"cube"', '"sphere"'),
        BASE.replace("str(n)", "n"),
        BASE.replace("len(cubes)", "len(cubes) + 1"),
        BASE.replace("find", "find_text"),
        BASE.replace("str(n)", "str(cubes)"),
    ],
)
def test_what_a_program_does_matters(other: str):
    assert normal_form(other) != normal_form(BASE)


def test_keywords_keep_their_names_since_they_belong_to_the_function_called():
    one = "def f(a, b):\n    return a - b\n\ndef execute_command(image):\n    return f(a=1, b=2)\n"
    other = "def f(b, a):\n    return b - a\n\ndef execute_command(image):\n    return f(a=1, b=2)\n"
    assert normal_form(one) != normal_form(other)


def test_what_is_no_program_is_its_own_normal_form():
    assert normal_form("def (") == normal_form("def (")
    assert normal_form("def (") != normal_form("def )")
