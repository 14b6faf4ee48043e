"""What flows between stages: typed records, each with its Arrow schema.

Boxes are pixel `(x1, y1, x2, y2)` with the origin at the top left of the whole image. Nothing here holds
pixels, times or machine paths, so that the same inputs give the same tables, byte for byte.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, JsonValue
from pydantic_core import core_schema

AnswerType = Literal["yes_no", "number", "choice", "open"]

Status = Literal[
    "ok",  # ran to the end and returned an answer
    "rejected",  # refused by the static check, or held no program: nothing ran
    "unsupported",  # correct Python that the sandbox's interpreter cannot express
    "error",  # raised an exception
    "timeout",  # exceeded its time limit
    "memory",  # exceeded its memory, recursion or output limit
    "tool_error",  # a tool failed, timed out, answered nonsense, or is not configured
    "no_answer",  # ran to the end but returned None, an empty list, or nothing that can be an answer
    "violation",  # attempted something the sandbox forbids
]
Problem = Literal[
    "no_program",  # the reply holds no program
    "duplicate",  # an earlier round has drawn the same program
    "refusal",  # the model declined
    "empty_reply",  # the reply has no text
    "context_length",  # the prompt is too long for the model
    "invalid_request",  # the endpoint calls the request malformed
    "no_reply",  # the endpoint failed in every attempt; a later run asks again
]

Box = tuple[float, float, float, float]


Json = Annotated[JsonValue, GetPydanticSchema(lambda _source, _handler: core_schema.any_schema())]
"""Any JSON value; stored in a table as its text, so that rows of different shapes share one column. It is taken as
it is, without a call of Python: to look into traces again takes most of the time of reading them."""


class Record(BaseModel):
    """A row of a table. Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class ImageFile(Record):
    """An image by name and content, never by its pixels."""

    path: str
    """Relative to the run's image folder."""
    sha256: str
    width: int
    height: int


class Example(Record):
    """A question about one or several images, or about a video given as its frames."""

    id: str
    images: tuple[ImageFile, ...]
    question: str
    answers: tuple[str, ...] = ()
    """Reference answers; empty when unlabelled."""
    answer_type: AnswerType = "open"
    choices: tuple[str, ...] = ()
    video: bool = False
    """Whether `images` are the frames of one video, in time order."""
    source: str = ""
    """The data set the question comes from."""
    problem: str | None = None
    """Why nothing can be done with this row (an image that cannot be read, say); its candidates do not run."""


class Usage(Record):
    """Tokens that a language model read and wrote for one completion."""

    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    """Those of the prompt tokens that the provider read from its own cache, at a lower price."""
    completion_tokens: int = 0


class Candidate(Record):
    """One program for a question."""

    example_id: str
    index: int
    """Position among the candidates of its question, from 0."""
    program: str
    log_probability: float | None = None
    """Natural logarithm of the completion's probability: the sum over its tokens."""
    round: int = 1
    weight: int = 1
    """How many samples gave this same program."""
    model: str = ""
    usage: Usage = Usage()
    problem: str | None = None
    """Why there is no program, in words."""
    problem_type: Problem | None = None


class ErrorInfo(Record):
    """Why a program did not end with an answer."""

    type: str
    message: str
    line: int | None = None
    """Line of the program as it was written, from 1."""


class Step(Record):
    """One tool call, or one value that was named, branched on or returned, in the order they happened."""

    kind: Literal["call", "bind", "branch", "return"]
    line: int
    """Line of the program as it was written, from 1."""
    expression: str
    """The source text of the call, of the branch's condition, or of the value bound or returned."""
    tool: str | None = None
    """The method of the program API, e.g. `find`, for a call."""
    image: int | None = None
    """Index into the example's images of the region the call looked at."""
    region: Box | None = None
    """The region the call looked at."""
    arguments: Json = None
    """The call's arguments by name. A patch is `{"image", "box", "category", "confidence"}`."""
    result: Json = None
    """What the call returned, bounded in size."""
    error: str | None = None
    """Why the call failed."""
    name: str | None = None
    """The variable that was bound."""
    value: Json = None
    """The value that was bound, branched on or returned, bounded in size."""


class Execution(Record):
    """What happened when a candidate ran."""

    example_id: str
    index: int
    status: Status
    answer: str | None = None
    """The returned value as text: a bool as yes or no, a number in its shortest form."""
    error: ErrorInfo | None = None
    steps: tuple[Step, ...] = ()
    steps_dropped: int = 0
    """How many steps were left out to stay within the trace's size limit."""


class Evidence(Record):
    """What a candidate's answer hangs on: found by running it again on tool results that are known."""

    example_id: str
    index: int
    hangs_on: tuple[int, ...] = ()
    """Indices of `Execution.steps`: the calls of which another result gives another answer."""
    idle: tuple[int, ...] = ()
    """Calls whose results could all be others together, and the answer would be the same. Of calls in neither
    list nothing is known."""
    worlds: Json = None
    """The answer in altered worlds, by their names; null where there was none. Worlds in which some call's result
    is not known are left out. None for a candidate that was not run again."""
    elsewhere: Json = None
    """The answers about other images of the data set, by the id of their example."""
    perturbed: Json = None
    """The answers about the images changed, by the change: these asked the tools anew."""
    relevance: Json = None
    """How the program's words compare with the question's; None for a candidate that did not answer."""


class Verdict(Record):
    """Whether a candidate is right, and for the right reasons."""

    example_id: str
    index: int
    status: Status
    correct: bool | None = None
    """None when there is no label to compare with; False for any failure."""
    score: float | None = None
    """Soft accuracy of the answer against the reference answers, in [0, 1]."""
    probability: float | None = None
    """That the program is right for the right reasons; None where that was not asked, or it gave no answer."""
    evidence: Json = None
    """What speaks for and against it, by kind of evidence."""
    kept: bool = False
    selected: bool = False
    """The one kept candidate that represents its question."""
    reason: str = ""
    """In words, why this verdict."""


class Rationale(Record):
    """The reasoning of a kept candidate in words."""

    example_id: str
    index: int
    """Of the candidate."""
    text: str
    facts: Json = None
    """The facts it used, each with the steps that it stands on."""
    unsupported: tuple[str, ...] = ()
    """Claims that follow from no fact."""
    source: Literal["template", "language_model"] = "template"


class View(Record):
    """A picture that a training row shows: an image, or a part of it."""

    image: ImageFile
    box: Box | None = None
    """In pixels of the whole image; None for all of it."""


class MaskedSpan(Record):
    """Characters `start` to `end` (exclusive) of a message's text, which get no loss."""

    message: int
    start: int
    end: int


class TrainingRow(Record):
    """What a model learns from: a conversation, its pictures, and where the loss falls."""

    id: str
    example_id: str
    task: Literal["label", "rationale", "trajectory"]
    messages: Json
    """`[{"role", "content"}]`; an `{"type": "image"}` part stands for the next of `images`. The loss falls on
    the assistant's messages."""
    images: tuple[View, ...] = ()
    masked: tuple[MaskedSpan, ...] = ()
    """Parts of the assistant's messages that get no loss, such as deliberately wrong operations."""
    weight: float = 1.0
    provenance: Json = None
    """The example, program, models and scores that it comes from."""
