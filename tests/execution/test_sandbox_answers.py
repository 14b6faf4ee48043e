"""What a program is given, and how what it returns becomes an answer."""

import pytest

from tests.execution.running import SIZE, Host, answer, run
from vpd.execution.sandbox import ProgramInputs, Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("True", "yes"),
        ("False", "no"),
        ("3", "3"),
        ("3.0", "3"),
        ("-0.0", "0"),
        ("2.50", "2.5"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("1e300", "1e+300"),
        ("'red'", "red"),
        ("' red '", " red "),
        ("['red', 'blue']", "red, blue"),
        ("('red', 2, 1.0)", "red, 2, 1"),
        ("10 ** 30", "1" + "0" * 30),
    ],
)
async def test_a_value_becomes_text(sandbox: Sandbox, expression: str, text: str) -> None:
    assert await answer(sandbox, expression) == text


async def test_a_program_may_have_a_single_function_of_another_name(sandbox: Sandbox) -> None:
    outcome = await run(
        sandbox, "def count_animals(image_patch):\n    return len(image_patch.find('animal'))"
    )
    assert outcome.answer == "2"


async def test_helpers_may_stand_before_and_after_the_entry_point(sandbox: Sandbox) -> None:
    program = """
        def before(x):
            return after(x) + 1
        def execute_command(image):
            return before(1)
        def after(x):
            return x + 1
    """
    assert (await run(sandbox, program)).answer == "3"


@pytest.mark.parametrize(
    "head",
    [
        "image, possible_answers, query",
        "image, query, possible_answers",
        "img, choices, question",
        "image, x, y",
        "image, *, question, options",
        "image, possible_answers=None, query='', unknown=3",
    ],
)
async def test_choices_and_question_are_handed_over(sandbox: Sandbox, head: str) -> None:
    names = [part.split("=")[0].strip() for part in head.split(",")][1:]
    found = ", ".join(f"str({name})" for name in names if name not in ("*", "unknown"))
    inputs = ProgramInputs((SIZE,), question="Which?", choices=("red", "blue"))
    outcome = await run(sandbox, f"def execute_command({head}):\n    return sorted([{found}])", inputs=inputs)
    assert outcome.answer == "Which?, ['red', 'blue']"


async def test_a_parameter_that_means_nothing_is_rejected(sandbox: Sandbox) -> None:
    outcome = await run(sandbox, "def execute_command(image, a, b, c):\n    return a")
    assert outcome.status == "rejected"
    assert outcome.error
    assert outcome.error.line == 1


async def test_an_entry_point_may_take_nothing(sandbox: Sandbox) -> None:
    assert (await run(sandbox, "def execute_command():\n    return llm_query('2 + 2')")).answer == "brown"


async def test_the_image_is_a_patch_of_its_whole(sandbox: Sandbox) -> None:
    assert await answer(sandbox, "[image.left, image.lower, image.right, image.upper]") == "0, 0, 100, 80"
    assert (
        await answer(sandbox, "[image.width, image.height, image.category, image.confidence]")
        == "100, 80, , 1"
    )


async def test_several_images_come_as_a_list(sandbox: Sandbox) -> None:
    inputs = ProgramInputs(((10, 10), (20, 30)))
    program = "def execute_command(images):\n    return [p.width for p in images]"
    assert (await run(sandbox, program, inputs=inputs)).answer == "10, 20"


async def test_one_image_comes_as_a_list_where_the_name_says_so(sandbox: Sandbox) -> None:
    assert (await run(sandbox, "def execute_command(images):\n    return len(images)")).answer == "1"


async def test_as_many_parameters_as_images_receive_one_each(sandbox: Sandbox) -> None:
    inputs = ProgramInputs(((10, 10), (20, 30)))
    program = (
        "def execute_command(left_image, right_image):\n    return [left_image.width, right_image.width]"
    )
    assert (await run(sandbox, program, inputs=inputs)).answer == "10, 20"


async def test_calls_on_a_second_image_name_it(sandbox: Sandbox) -> None:
    host = Host()
    inputs = ProgramInputs(((10, 10), (20, 30)))
    await run(sandbox, "def execute_command(images):\n    return images[1].exists('dog')", host, inputs)
    assert host.calls[0].patch
    assert (host.calls[0].patch.image, host.calls[0].patch.box) == (1, (0, 0, 20, 30))


VIDEO = ProgramInputs((SIZE,) * 8, video=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("[video.start, video.end, video.num_frames]", "0, 8, 8"),
        ("len(video.frame_iterator())", "8"),
        ("video.trim(2, 6).trim(1).num_frames", "3"),
        ("video.trim(5, 2).num_frames", "0"),
        ("VideoSegment(video, 3).start", "3"),
        ("video.frame_from_index(-1).width", "100"),
        ("[p.width for p in video.select_frames('a dog', 1)]", "100"),
    ],
)
async def test_a_video_comes_as_a_segment(sandbox: Sandbox, expression: str, text: str) -> None:
    program = f"def execute_command(video):\n    return {expression}"
    assert (await run(sandbox, program, inputs=VIDEO)).answer == text


async def test_frames_are_looked_at_by_their_number_in_the_video(sandbox: Sandbox) -> None:
    host = Host()
    program = "def execute_command(video):\n    return video.trim(2).frame_from_index(3).exists('dog')"
    await run(sandbox, program, host, VIDEO)
    assert host.calls[0].patch
    assert host.calls[0].patch.image == 5


async def test_a_frame_that_is_not_there_is_an_index_error(sandbox: Sandbox) -> None:
    outcome = await run(
        sandbox, "def execute_command(video):\n    return video.frame_from_index(8)", inputs=VIDEO
    )
    assert outcome.error
    assert (outcome.status, outcome.error.type) == ("error", "IndexError")


async def test_the_clock_stands_still_and_chance_is_seeded(sandbox: Sandbox) -> None:
    program = """
        import random, time
        from datetime import datetime
        def execute_command(image):
            time.sleep(1000)
            return [random.random(), time.time(), str(datetime.now())]
    """
    first, second = await run(sandbox, program), await run(sandbox, program)
    assert first.status == "ok"
    assert first == second


async def test_programs_need_not_import_math_and_re(sandbox: Sandbox) -> None:
    assert await answer(sandbox, "[math.sqrt(4), re.findall('a+', 'baa')[0]]") == "2, aa"
