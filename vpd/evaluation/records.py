"""What evaluation stores: a benchmark's questions, and what a system answered to each."""

import hashlib
from typing import Literal

from vpd.records import Example, Json, Record

PredictionStatus = Literal[
    "ok",  # there is an answer to score
    "no_answer",  # the system wrote nothing, or nothing that states an answer
    "refused",  # the model or its provider declined
    "no_program",  # none of the question's programs returned an answer
    "no_image",  # an image of the question cannot be read
    "error",  # the model failed on this question
    "no_reply",  # the endpoint failed in every attempt, or memory ran out; a later run asks again
]


class Item(Record):
    """A question of a benchmark."""

    example: Example
    """`answers` are the references; `choices` the options, empty where they stand in the question."""
    correct: int | None = None
    """Index of the correct option, from 0, for multiple choice."""
    category: str = ""
    """What the benchmark groups its scores by."""

    @property
    def id(self) -> str:
        return self.example.id

    @property
    def is_labelled(self) -> bool:
        """Whether there is something to score an answer by."""
        return bool(self.example.answers) or self.correct is not None

    @property
    def digest(self) -> str:
        """Of all that was asked: a prediction belongs to a question with the same one."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Prediction(Record):
    """What one system answered to one question. Every question has one, whatever happened."""

    question_id: str
    asked: str
    """`Item.digest` of the question as it was asked."""
    status: PredictionStatus
    answer: str | None = None
    """As it is scored; None unless the status is `ok`."""
    text: str = ""
    """All that the model wrote, the turns of a conversation one after the other."""
    turns: Json = None
    """Pixel operations, in order: `{"call", "shown"}` or `{"call", "problem"}`."""
    probability_yes: float | None = None
    """P(yes) / (P(yes) + P(no)) of the answer's first token, where the metric asks for it."""
    prompt_tokens: int = 0
    """Over all turns."""
    completion_tokens: int = 0
    problem: str | None = None
    """In words, why there is no answer."""
