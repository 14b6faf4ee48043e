"""What is known from traces, and what would be known in altered worlds."""

from hypothesis import given
from hypothesis import strategies as st

from tests.verification.programs import SIZE, example, run
from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import Known, called, flipped, known_results, mirrored
from vpd.execution.objects import Objects
from vpd.records import Step

WHOLE = (0, 0, 0, *SIZE)


def find(phrase: str, *places: tuple[int, int, int, int]) -> dict[tuple[object, ...], object]:
    return {("find", WHOLE, phrase): [ProgramRegion(0, *place, phrase, 0.5) for place in places]}


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int, int, int]:
    left, lower = draw(st.integers(0, SIZE[0] - 2)), draw(st.integers(0, SIZE[1] - 2))
    return left, lower, draw(st.integers(left + 1, SIZE[0])), draw(st.integers(lower + 1, SIZE[1]))


@given(st.lists(places(), unique=True, max_size=5))
def test_a_world_mirrored_twice_is_the_world(found: list[tuple[int, int, int, int]]):
    known = Known((SIZE,), find("cube", *sorted(found, key=lambda p: (p[0], -p[3]))))
    for change in (mirrored, flipped):
        again = change(change(known)).results["find", WHOLE, "cube"]
        assert sorted(again) == sorted(known.results["find", WHOLE, "cube"])


def test_what_is_found_in_a_mirrored_world_comes_from_left_to_right():
    known = mirrored(Known((SIZE,), find("cube", (0, 0, 10, 10), (100, 0, 110, 10))))
    assert [region.left for region in known.results["find", WHOLE, "cube"]] == [10, 110]


def test_an_answer_that_names_a_side_is_not_known_in_a_mirrored_world():
    asked = {("simple_query", WHOLE, "What is left of the cube?"): "a cone"}
    answered = {("simple_query", WHOLE, "Where is the cube?"): "on the left"}
    plain = {("simple_query", WHOLE, "What colour is it?"): "red"}
    known = mirrored(Known((SIZE,), {**asked, **answered, **plain}))
    assert set(known.results) == set(plain)


def test_an_object_that_is_gone_is_gone_from_every_call():
    red, blue = (0, 0, 10, 10), (50, 0, 60, 10)
    results = {
        **find("cube", red, blue),
        **find("red cube", red),
        ("verify_property", (0, *red), "cube", "red"): True,
    }
    known = Objects(Known((SIZE,), results)).without([(0, *red)])
    assert [region.left for region in known.results["find", WHOLE, "cube"]] == [50]
    assert known.results["find", WHOLE, "red cube"] == []
    assert ("verify_property", (0, *red), "cube", "red") not in known.results


def test_one_thing_found_by_two_phrases_is_one_object():
    known = Known((SIZE,), {**find("cube", (0, 0, 10, 10)), **find("red cube", (0, 0, 10, 11))})
    assert len(Objects(known).places) == 1


async def test_a_trace_tells_what_its_calls_were_answered():
    about = example("How many cubes?", "2")
    _, [done] = await run(about, ['def execute_command(image):\n    return str(len(image.find("cube")))\n'])
    known = known_results(called(done.steps, (SIZE,)), (SIZE,))
    # Origin bottom left.
    assert [region[:5] for region in known.results["find", WHOLE, "cube"]] == [
        (0, 10, 40, 30, 60),
        (0, 80, 40, 100, 60),
    ]


def test_a_result_that_the_trace_has_shortened_is_not_known():
    box = [0.0, 0.0, *map(float, SIZE)]
    step = Step(
        kind="call",
        line=2,
        expression="",
        tool="read_text",
        image=0,
        region=tuple(box),
        arguments={},
        result="a…",
    )
    assert not called([step], (SIZE,))
