"""Which programs are built alike."""

import pytest

from vpd.verification.builds import build

CUBES = """def execute_command(image) -> str:
    # count them
    cubes = image.find("cube")
    return str(len(cubes))
"""
BALLS = """def execute_command(picture):

    found = picture.find('ball')
    return str(len(found))
"""


def test_names_comments_and_what_is_looked_for_make_no_difference():
    assert build(CUBES, frozenset({"cube"})) == build(BALLS, frozenset({"ball"}))


@pytest.mark.parametrize(
    "other",
    [
        BALLS.replace("len(found)", "len(found) - 1"),
        BALLS.replace("'ball'", "'box'"),
        BALLS.replace("'ball'", "'red ball'"),
        BALLS.replace(".find(", ".find_text("),
        BALLS.replace("return str(len(found))", "return str(len(picture))"),
    ],
)
def test_what_is_done_and_how_much_of_the_question_is_looked_for_does(other: str):
    assert build(CUBES, frozenset({"cube"})) != build(other, frozenset({"ball"}))


def test_answers_are_told_apart():
    yes, no = (f'def execute_command(image):\n    return "{answer}"\n' for answer in ("yes", "no"))
    assert build(yes, frozenset()) != build(no, frozenset())
