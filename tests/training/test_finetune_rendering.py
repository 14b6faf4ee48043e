"""The assistant's turns are found in what a chat template makes of a conversation."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.training_rows import assistant, label, picture, trajectory, user
from vpd.errors import UserError
from vpd.records import ImageFile, MaskedSpan, TrainingRow
from vpd.training.rendering import Rendered, render

NO_MARKS = (
    "{% for message in messages %}{{ message.role | upper }}: "
    "{% for part in message.content %}{{ '<|image_pad|>' if part.type == 'image' else part.text }}{% endfor %} "
    "{% endfor %}{% if add_generation_prompt %}ASSISTANT: {% endif %}"
)

FORGETFUL = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.role != 'assistant' or loop.last %}{{ message.content[0].text }}{% endif %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def red(tmp_path: Path) -> ImageFile:
    return picture(tmp_path, "red.png")


def targets(rendered: Rendered) -> list[str]:
    return [rendered.text[span.start : span.end] for span in rendered.targets]


def masked(rendered: Rendered) -> list[str]:
    return [rendered.text[span.start : span.end] for span in rendered.masked]


def with_template(processor: Any, template: str) -> Any:
    from copy import copy

    changed = copy(processor)
    changed.chat_template = template
    return changed


def text_row(*messages: dict[str, Any], spans: tuple[MaskedSpan, ...] = ()) -> TrainingRow:
    return TrainingRow(id="r", example_id="r", task="label", messages=list(messages), masked=spans)


def test_a_target_is_the_answer_with_the_mark_that_ends_it(processor: Any, red: ImageFile) -> None:
    assert targets(render(processor, label("a", red, "two"))) == ["two<|im_end|>"]


def test_every_turn_of_a_trajectory_is_a_target_and_tool_outputs_are_not(
    processor: Any, red: ImageFile
) -> None:
    rendered = render(processor, trajectory("a", red, ["Zoom in.", "And closer.", "It is 3."]))
    assert targets(rendered) == ["Zoom in.<|im_end|>", "And closer.<|im_end|>", "It is 3.<|im_end|>"]
    assert "<tool_response>" in rendered.text


def test_masked_characters_are_counted_in_the_message_as_written(processor: Any, red: ImageFile) -> None:
    spans = [MaskedSpan(message=1, start=5, end=9), MaskedSpan(message=3, start=0, end=2)]
    rendered = render(processor, trajectory("a", red, ["Zoom here.", "It is 3."], spans))
    assert masked(rendered) == ["here", "It"]


def test_the_mark_that_ends_a_turn_is_masked_with_the_words_before_it(processor: Any, red: ImageFile) -> None:
    spans = [MaskedSpan(message=1, start=5, end=10)]
    assert masked(render(processor, trajectory("a", red, ["Zoom here.", "It is 3."], spans))) == [
        "here.<|im_end|>"
    ]


def test_a_phrase_that_the_question_holds_too_is_found_in_the_answer(processor: Any) -> None:
    row = text_row(
        user("two or three?", images=0), assistant("three"), spans=(MaskedSpan(message=1, start=0, end=5),)
    )
    rendered = render(processor, row)
    assert rendered.masked[0].start == rendered.text.rindex("three")


def test_content_in_parts_renders_as_content_in_one_string(processor: Any) -> None:
    parts = {
        "role": "assistant",
        "content": [{"type": "text", "text": "It is "}, {"type": "text", "text": "3."}],
    }
    question = user("How many?", images=0)
    span = (MaskedSpan(message=1, start=6, end=7),)
    assert render(processor, text_row(question, parts, spans=span)) == render(
        processor, text_row(question, assistant("It is 3."), spans=span)
    )


def test_a_template_without_end_marks_gets_an_end_of_sequence(processor: Any, red: ImageFile) -> None:
    plain = with_template(processor, NO_MARKS)
    assert targets(render(plain, label("a", red, "two"))) == ["two<|im_end|>"]


def test_a_template_that_drops_earlier_turns_is_refused(processor: Any) -> None:
    row = text_row(user("One?", 0), assistant("1"), user("Two?", 0), assistant("2"))
    with pytest.raises(UserError, match="row r: the model's chat template rewrites earlier turns"):
        render(with_template(processor, FORGETFUL), row)


def test_a_template_that_changes_answers_is_refused(processor: Any) -> None:
    shouting = processor.chat_template.replace(
        "{{- message.content }}", "{{- message.content | upper }}"
    ).replace("{{- content_item.text }}", "{{- content_item.text | upper }}")
    with pytest.raises(UserError, match="changes the text of assistant messages"):
        render(with_template(processor, shouting), text_row(user("One?", 0), assistant("one")))


def test_a_template_that_shows_no_images_to_tools_is_refused(processor: Any, red: ImageFile) -> None:
    blind = processor.chat_template.replace('== "tool"', '== "nobody"')
    with pytest.raises(UserError, match="shows 2 images, but its text has 1"):
        render(with_template(processor, blind), trajectory("a", red, ["Zoom in.", "It is 3."]))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            text_row(user("What does <|image_pad|> mean?", 0), assistant("nothing")),
            "has 1 of the model's image tokens",
        ),
        (text_row(user("One?", 1), assistant("1")), "1 image parts in its messages but 0 images"),
        (text_row(user("One?", 0)), "no answer to learn from"),
        (text_row(assistant("1")), "no answer to learn from"),
        (text_row(user("One?", 0), assistant("1"), user("Two?", 0)), "no answer to learn from"),
        (text_row({"role": "user"}, assistant("1")), "must be a list of"),
        (
            text_row(user("One?", 0), assistant("1"), spans=(MaskedSpan(message=0, start=0, end=1),)),
            "not the assist",
        ),
        (
            text_row(user("One?", 0), assistant("1"), spans=(MaskedSpan(message=1, start=0, end=2),)),
            "characters 0 to 2",
        ),
    ],
)
def test_a_malformed_row_is_named(processor: Any, row: TrainingRow, problem: str) -> None:
    with pytest.raises(UserError, match=f"training row r.*{problem}"):
        render(processor, row)
