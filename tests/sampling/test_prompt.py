"""How a prompt reads, and that its unchanging part comes first."""

from tests.sampling.samples import example
from vpd.records import ImageFile
from vpd.sampling.examples import load_examples
from vpd.sampling.prompt import asked, first_attempt, instructions


def test_instructions_hold_the_api_and_every_example_and_nothing_of_a_question():
    text = instructions(list(load_examples().values())).content
    assert isinstance(text, str)
    for name in ("def find(", "def read_text(", "class VideoSegment", "def llm_query("):
        assert name in text
    for each in load_examples().values():
        assert f"Question: {each.question}\n" in text
        assert f"```python\n{each.program}```" in text


def test_examples_are_shown_without_what_they_answer():
    text = str(instructions(list(load_examples().values())).content)
    assert not any(each.rationale in text or each.trace[0] in text for each in load_examples().values())


def test_a_question_is_asked_as_the_examples_ask_theirs():
    one = load_examples()["one-of-the-choices"]
    question = example(question=one.question, choices=one.choices)
    assert str(first_attempt(asked(question), "").content) in str(instructions([one]).content)


def test_the_hint_several_images_and_choices_are_said():
    image = ImageFile(path="a.png", sha256="0" * 64, width=9, height=9)
    two = example(images=(image, image), choices=("red", "blue"))
    assert first_attempt(asked(two), " Answer with a color. ").content == (
        "Answer with a color.\n\nThe question is about 2 images.\nQuestion: How many cups?\nChoices: red; blue\n"
    )
    video = example(images=(image,) * 8, video=True)
    assert first_attempt(asked(video), "").content == (
        "The question is about a video of 8 frames.\nQuestion: How many cups?\n"
    )


def test_a_question_is_text_and_never_a_template():
    assert "{{ hint }}{% raw %}" in str(
        first_attempt(asked(example(question="{{ hint }}{% raw %}")), "").content
    )
