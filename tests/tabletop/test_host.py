"""The tools, answered from annotations."""

import pytest

from tests.tabletop.builders import cube, seen_in
from vpd.execution.calls import ApiCall, Patch, ToolFailure
from vpd.tabletop.annotation import Annotation
from vpd.tabletop.host import TruthHost
from vpd.tabletop.scene import Card, Solid

WHOLE = Patch(0, (0, 0, 128, 128))


@pytest.fixture(scope="module")
def view() -> Annotation:
    found = seen_in(
        cube(-2, 0),
        Solid("sphere", "blue", "metal", "large", 1.6, 1.8, 0),
        cube(0, -1.5, color="green", size="small"),
        cards=(Card("HELLO", -0.6, 2.4, 0, 1.45), Card("42", 1.9, -1.2, 0, 1.45)),
    )
    assert found is not None
    return found


async def ask(view: Annotation, method: str, patch: Patch | None = WHOLE, **arguments):  # type: ignore[no-untyped-def]
    return await TruthHost([view]).call(ApiCall(method, patch, arguments))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("cube", 2),
        ("cubes", 2),
        ("a red cube", 1),
        ("small green cubes", 1),
        ("metal object", 1),
        ("ball", 1),
        ("sign", 2),
        ("cone", 0),
        ("red sphere", 0),
        ("object", 5),
    ],
)
async def test_find_understands_noun_phrases(view: Annotation, name: str, count: int):
    assert len(await ask(view, "find", object_name=name)) == count
    assert await ask(view, "exists", object_name=name) == (count > 0)


async def test_find_looks_within_its_patch_alone(view: Annotation):
    box = next(s.box for s in view.seen if s.attributes[0] == "green")
    assert [p.box for p in await ask(view, "find", Patch(0, box), object_name="cube")] == [box]


async def test_properties(view: Annotation):
    [ball] = await ask(view, "find", object_name="sphere")
    assert await ask(view, "verify_property", ball, object_name="sphere", visual_property="blue")
    assert not await ask(view, "verify_property", ball, object_name="sphere", visual_property="small")
    assert not await ask(view, "verify_property", ball, object_name="cube", visual_property="blue")
    assert await ask(view, "verify_property", ball, object_name="object", visual_property="metal sphere")
    assert await ask(view, "best_text_match", ball, option_list=["rubber", "metal"], prefix=None) == "metal"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What color is the sphere?", "blue"),
        ("What material is the sphere?", "metal"),
        ("What is the sphere made of?", "metal"),
        ("What shape is this?", "sphere"),
        ("What size is the sphere?", "large"),
        ("Is the sphere blue?", "yes"),
        ("Is the sphere rubber?", "no"),
        ("How many cubes are there?", "0"),
    ],
)
async def test_simple_questions(view: Annotation, question: str, answer: str):
    [ball] = await ask(view, "find", object_name="sphere")
    assert await ask(view, "simple_query", ball, question=question) == answer


async def test_a_count_can_be_asked_for(view: Annotation):
    assert await ask(view, "simple_query", question="How many green cubes are on the table?") == "1"


async def test_text_is_read_in_reading_order(view: Annotation):
    assert await ask(view, "read_text") == "HELLO\n42"
    [line] = await ask(view, "find_text", text="ell")
    assert line.category == "HELLO"


async def test_the_best_image_of_several(view: Annotation):
    patches = await ask(view, "find", object_name="object")
    index = await ask(view, "best_image_match", None, list_patches=patches, content=["blue sphere"])
    assert patches[index].box == next(s.box for s in view.seen if s.name == "sphere")


async def test_frames_are_selected_by_what_they_show(view: Annotation):
    plain = seen_in(cube(-2, 0))
    assert plain is not None
    host = TruthHost([plain, plain, view, view, plain])
    arguments = {"description": "a sign on the table", "count": 2, "start": 0, "end": 5}
    frames = await host.call(ApiCall("select_frames", None, arguments))
    assert [frame.image for frame in frames] == [2, 3]


async def test_what_annotations_cannot_know_is_a_failure(view: Annotation):
    with pytest.raises(ToolFailure):
        await ask(view, "llm_query", query="What is the capital of France?")
