"""A program is run again on known results, without any tool."""

import asyncio

import pytest

from vpd.execution.entry import ProgramInputs
from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import Known
from vpd.execution.limits import Limits
from vpd.execution.reruns import Change, Outcomes, Rerun, Reruns, Study

SIZE = (100, 80)
WHOLE = (0, 0, 0, *SIZE)
KEY = ("find", WHOLE, "cube")
TWO = [ProgramRegion(0, 0, 0, 10, 10, "cube", 0.9), ProgramRegion(0, 50, 0, 60, 10, "cube", 0.9)]
KNOWN = Known((SIZE,), {KEY: TWO})
INPUTS = ProgramInputs((SIZE,))
COUNT = 'def execute_command(image):\n    return str(len(image.find("cube")))\n'


async def look_into(programs: list[str], changes: list[Change], *tables: Known) -> list[Outcomes | None]:
    studies = [Study(program, changes, list(range(1, 1 + len(tables)))) for program in programs]
    async with Reruns(Limits(seconds=0.3), 1) as reruns:
        return await reruns.look_into(INPUTS, [KNOWN, *tables], studies)


async def only(program: str, changes: list[Change], *tables: Known) -> Outcomes:
    [found] = await look_into([program], changes, *tables)
    assert found is not None
    return found


async def test_it_answers_as_it_did():
    assert (await only(COUNT, [])).base == Rerun("2", True)


async def test_another_result_gives_another_answer_and_leaves_the_next_run_alone():
    found = await only(COUNT, [Change(KEY, [TWO], 0), Change(KEY, [[]], 0), Change(KEY, [TWO], 0)])
    assert found.changed == [[Rerun("2", True)], [Rerun("0", True)], [Rerun("2", True)]]


async def test_what_makes_a_difference_is_not_tried_further():
    found = await only(COUNT, [Change(KEY, [TWO, [], TWO[:1]], 0)])
    assert found.changed == [[Rerun("2", True), Rerun("0", True)]]


async def test_calls_that_make_no_difference_alone_are_changed_together():
    either = (
        "def execute_command(image):\n    a = image.find('cube')\n    b = image.find('cone')\n"
        "    return 'yes' if a or b else 'no'\n"
    )
    cone = ("find", WHOLE, "cone")
    studies = [Study(either, [Change(KEY, [[]], 0), Change(cone, [[]], 1)], [])]
    async with Reruns(Limits(), 1) as reruns:
        [found] = await reruns.look_into(INPUTS, [Known((SIZE,), {KEY: TWO, cone: TWO[:1]})], studies)
    assert found is not None
    assert found.changed == [[Rerun("yes", True)], [Rerun("yes", True)]]
    assert found.together[0] == ([0, 1], Rerun("no", True))


async def test_in_another_world_it_answers_as_that_one_is():
    one = Known((SIZE,), {KEY: TWO[:1]})
    nothing = Known((SIZE,), {})
    found = await only(COUNT, [], one, KNOWN, nothing)
    assert found.elsewhere == [Rerun("1", True), Rerun("2", True), Rerun(None, False)]


async def test_what_finding_tells_is_told_of_existing_too():
    asks = 'def execute_command(image):\n    return str(image.exists("cube"))\n'
    worlds = [Known((SIZE,), {KEY: []}), Known((SIZE,), {}), Known((SIZE,), {("exists", *KEY[1:]): True})]
    found = await only(asks, [], *worlds)
    assert [found.base, *found.elsewhere] == [
        Rerun("True", True),
        Rerun("False", True),
        Rerun(None, False),
        Rerun("True", True),
    ]


async def test_patches_of_two_calls_are_never_the_same():
    twice = (
        "def execute_command(image):\n    one, two = image.find('cube'), image.find('cube')\n"
        "    return str(one[0] == two[0]) + str(one[0] in one) + str(image == image.crop(0, 0, 100, 80))\n"
    )
    one = Known((SIZE,), {KEY: TWO[:1]})
    found = await only(twice, [Change(KEY, [TWO, TWO[1:]], 0)], one, KNOWN)
    assert {found.base, *found.changed[0], *found.elsewhere} == {Rerun("FalseTrueFalse", True)}


async def test_a_list_that_is_changed_is_whole_again_in_the_next_run():
    takes = (
        "def execute_command(image):\n    cubes = image.find('cube')\n    cubes.pop()\n"
        "    return str(len(cubes)) + str(len(image.find('cone')))\n"
    )
    cone = ("find", WHOLE, "cone")
    known = Known((SIZE,), {KEY: TWO, cone: []})
    studies = [Study(takes, [Change(cone, [TWO, TWO[:1]], 0)], [])]
    async with Reruns(Limits(), 1) as reruns:
        [found] = await reruns.look_into(INPUTS, [known], studies)
    assert found is not None
    assert found.changed == [[Rerun("12", True)]]


async def test_a_patch_that_is_changed_is_as_it_was_in_the_next_run():
    marks = (
        "def execute_command(image):\n    cube = image.find('cube')[0]\n    cube.left += 1\n"
        "    image.width += 1\n    return str(cube.left) + ' ' + str(image.width + len(image.find('cone')))\n"
    )
    cone = ("find", WHOLE, "cone")
    studies = [Study(marks, [Change(cone, [TWO[:1]], 0)], [])]
    async with Reruns(Limits(), 1) as reruns:
        [found] = await reruns.look_into(INPUTS, [Known((SIZE,), {KEY: TWO, cone: []})], studies)
    assert found is not None
    assert (found.base, found.changed) == (Rerun("1 101", True), [[Rerun("1 102", True)]])


async def test_a_program_that_fails_gives_no_answer():
    first = 'def execute_command(image):\n    return image.find("cube")[0].category\n'
    assert (await only(first, [Change(KEY, [[]], 0)])).changed == [[Rerun(None, True)]]


async def test_a_call_that_nobody_made_is_told_of_even_where_the_program_hides_it():
    hides = (
        "def execute_command(image):\n    try:\n        return str(len(image.find('cone')))\n"
        "    except Exception:\n        return '0'\n"
    )
    assert (await only(hides, [])).base == Rerun("0", False)


async def test_which_patch_is_best_does_not_depend_on_their_order():
    best = (
        "def execute_command(image):\n    cubes = image.find('cube')\n    cubes.reverse()\n"
        "    return str(best_image_match(cubes, ['red']).left)\n"
    )
    places = (TWO[0][:5], TWO[1][:5])
    known = Known((SIZE,), {KEY: TWO, ("best_image_match", places, ("red",)): places[1]})
    assert (await only(best, [], known)).elsewhere == [Rerun("50", True)]


async def test_a_program_that_never_ends_is_given_up_and_leaves_the_others_alone():
    endless = (
        "def execute_command(image):\n    while not image.find('cube'):\n        pass\n    return 'yes'\n"
    )
    never, count = await look_into([endless, COUNT], [Change(KEY, [[]], 0)])
    assert never is None
    assert count is not None
    assert count.changed == [[Rerun("0", True)]]


async def test_programs_of_one_question_do_not_use_each_others_names():
    helper = (
        "def count(x):\n    return len(x) + {}\n"
        "def execute_command(image):\n    return str(count(image.find('cube')))\n"
    )
    found = await look_into([helper.format(0), helper.format(1)], [Change(KEY, [[]], 0)])
    assert [each and (each.base.answer, each.changed[0][0].answer) for each in found] == [
        ("2", "0"),
        ("3", "1"),
    ]


async def test_many_questions_share_sessions_and_none_disturbs_another():
    endless = (
        "def execute_command(image):\n    while not image.find('cube'):\n        pass\n    return 'yes'\n"
    )
    shadows = (
        "def len(x):\n    return 7\ndef execute_command(image):\n    return str(len(image.find('cube')))\n"
    )
    patches = "def execute_command(image):\n    image.find = lambda name: []\n    return str(len(image.find('cube')))\n"
    programs = [COUNT, endless, COUNT, shadows, patches, COUNT] * 4
    changes = [Change(KEY, [[]], 0)]
    async with Reruns(Limits(seconds=0.3), 2) as reruns:
        found = await asyncio.gather(
            *(reruns.look_into(INPUTS, [KNOWN], [Study(program, changes, [])]) for program in programs)
        )
    answers = [each and (each.base.answer, each.changed[0][0].answer) for [each] in found]
    counted = ("2", "0")
    assert answers[0:6] == [counted, None, counted, ("7", "7"), answers[4], counted]
    assert answers == answers[0:6] * 4


@pytest.mark.parametrize(
    "hides",
    [
        "from math import floor as round\ndef execute_command(image):\n    return str(round(2.6))\n",
        "import math as round\ndef execute_command(image):\n    return '1'\n",
        "def execute_command(image, x=(round := 3)):\n    return str(x)\n",
    ],
)
async def test_a_program_that_gives_a_known_name_another_meaning_leaves_other_questions_alone(hides: str):
    plain = "def execute_command(image):\n    return str(round(2.6))\n"
    async with Reruns(Limits(seconds=0.3), 1) as reruns:
        found = await asyncio.gather(
            *(reruns.look_into(INPUTS, [KNOWN], [Study(each, [], [])]) for each in (plain, hides, plain))
        )
    assert [each[0].base.answer for each in (found[0], found[2]) if each[0]] == ["3", "3"]


async def test_mended_programs_run_again_too():
    mended = (
        "def execute_command(image):\n    cubes = image.find('cube')\n    cubes.sort(key=lambda cube: -cube.left)\n"
        "    try:\n        return str(next(cube.left for cube in cubes))\n"
        "    except StopIteration:\n        return 'none'\n"
    )
    found = await only(mended, [Change(KEY, [[]], 0)])
    assert (found.base, found.changed) == (Rerun("50", True), [[Rerun("none", True)]])


async def test_worlds_may_be_of_other_images():
    wide = "def execute_command(image):\n    return str(image.width)\n"
    assert (await only(wide, [], Known(((300, 80),), {}))).elsewhere == [Rerun("300", True)]
