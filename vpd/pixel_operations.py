"""The two operations by which a model looks closer, as instruction tuning shows them and rollouts run them.

`zoom_in(bbox_2d, target_image)` and `select_frames(target_frames)` are Pixel Reasoner's (arXiv 2505.15966). Calls
are written as the chat templates of Qwen write them, `<tool_call>…</tool_call>`, in the assistant's own text; what
comes back stands in a user message between `<tool_response>` tags, which is how these templates render a tool's
message. So a row for supervised tuning and a rollout are the same text, and a model whose template knows no tools
can learn from the rows too.
"""

import json
from collections.abc import Sequence
from math import ceil, floor
from typing import Any, Literal

from vpd.records import Box, Example, View
from vpd.text.asking import question_text

Coordinates = Literal["relative", "pixels"]
"""What boxes are counted in: thousandths of the picture's sides, or its pixels."""

MOST_FRAMES_SHOWN = 16
MOST_FRAMES_SELECTED = 8

QUESTION_SUFFIX = "Look closer where that helps, then give the reasons and the answer."

_BOX = {
    "relative": "The box to look at, [x1, y1, x2, y2], in thousandths of the picture's width and height.",
    "pixels": "The box to look at, [x1, y1, x2, y2], in pixels of the picture.",
}


class OperationError(Exception):
    """The operation makes no sense: what was wrong, said to the model."""


def tools(coordinates: Coordinates = "relative") -> list[dict[str, Any]]:
    """The operations as JSON schemas, in the form of `transformers.utils.get_json_schema`."""
    return [
        _tool(
            "zoom_in",
            "Look at a part of a picture, enlarged.",
            {
                "bbox_2d": {"type": "array", "items": {"type": "integer"}, "description": _BOX[coordinates]},
                "target_image": {
                    "type": "integer",
                    "description": "Which picture to look at, counted from 1 in the order they were shown.",
                },
            },
        ),
        _tool(
            "select_frames",
            "Look at some frames of the video again, enlarged.",
            {
                "target_frames": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "description": f"Which frames, counted from 1; at most {MOST_FRAMES_SELECTED}.",
                }
            },
        ),
    ]


def system_text(coordinates: Coordinates = "relative") -> str:
    """The system message that Qwen's chat templates make of `tools`, to be given as a message of its own."""
    schemas = "".join("\n" + json.dumps(tool, ensure_ascii=False) for tool in tools(coordinates))
    return (
        "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        f"You are provided with function signatures within <tools></tools> XML tags:\n<tools>{schemas}\n</tools>\n\n"
        "For each function call, return a json object with function name and arguments within "
        '<tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n'
        "</tool_call>"
    )


def call_text(name: str, arguments: dict[str, Any]) -> str:
    """A call as the model writes it."""
    return f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments, ensure_ascii=False)}}}\n</tool_call>'


def prompt(example: Example, shown: Sequence[View]) -> list[dict[str, Any]]:
    """The user's message: the pictures and the question. Rollouts and rows begin with the same one."""
    text = question_text(example.question, example.choices)
    images = [{"type": "image"} for _ in shown]
    return [{"role": "user", "content": [*images, {"type": "text", "text": f"{text} {QUESTION_SUFFIX}"}]}]


def response(first: int, views: Sequence[View]) -> list[dict[str, Any]]:
    """What a call gives back, as parts of a message: the pictures, after the number of the first."""
    what = f"Picture {first}:" if len(views) == 1 else f"Pictures {first} to {first + len(views) - 1}:"
    return [{"type": "text", "text": what}, *({"type": "image"} for _ in views)]


def response_message(first: int, views: Sequence[View]) -> dict[str, Any]:
    """The same as a user's message between tags: it renders as a tool's message does."""
    opening, *pictures = response(first, views)
    return {
        "role": "user",
        "content": [
            {"type": "text", "text": f"<tool_response>\n{opening['text']}"},
            *pictures,
            {"type": "text", "text": "\n</tool_response>"},
        ],
    }


class Pictures:
    """The pictures of one conversation, in the order they were shown."""

    def __init__(self, shown: Sequence[View], video: bool, coordinates: Coordinates = "relative") -> None:
        self.views = list(shown)
        self._frames = tuple(shown) if video else ()
        self._coordinates = coordinates

    def zoom_in(self, bbox_2d: Sequence[float], target_image: int) -> list[View]:
        """Show a part of a picture: the box, rounded outwards to whole pixels and clipped to the picture.

        Raises:
            OperationError: there is no such picture, or the box has no area in it.
        """
        if not 1 <= target_image <= len(self.views):
            raise OperationError(f"there is no picture {target_image}; there are {len(self.views)}")
        view = self.views[target_image - 1]
        left, top, right, bottom = area(view)
        width, height = right - left, bottom - top
        if len(bbox_2d) != 4 or not (bbox_2d[0] < bbox_2d[2] and bbox_2d[1] < bbox_2d[3]):
            raise OperationError("bbox_2d must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2")
        across, along = (width / 1000, height / 1000) if self._coordinates == "relative" else (1, 1)
        box: Box = (
            max(left, left + floor(bbox_2d[0] * across)),
            max(top, top + floor(bbox_2d[1] * along)),
            min(right, left + ceil(bbox_2d[2] * across)),
            min(bottom, top + ceil(bbox_2d[3] * along)),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            raise OperationError(f"the box lies outside of picture {target_image}")
        return self._show([View(image=view.image, box=box)])

    def select_frames(self, target_frames: Sequence[int]) -> list[View]:
        """Show frames of the video again.

        Raises:
            OperationError: there is no video, no such frame, or there are too many.
        """
        if not self._frames:
            raise OperationError("there is no video to select frames from")
        if not 1 <= len(target_frames) <= MOST_FRAMES_SELECTED:
            raise OperationError(f"select 1 to {MOST_FRAMES_SELECTED} frames")
        for frame in target_frames:
            if not 1 <= frame <= len(self._frames):
                raise OperationError(f"there is no frame {frame}; there are {len(self._frames)}")
        return self._show([self._frames[frame - 1] for frame in target_frames])

    def bbox(self, box: Box, target_image: int) -> list[int]:
        """The arguments of `zoom_in` that show at least this box, given in pixels of the whole image."""
        left, top, right, bottom = area(self.views[target_image - 1])
        width, height = right - left, bottom - top
        across, along = (1000 / width, 1000 / height) if self._coordinates == "relative" else (1, 1)
        return [
            max(0, floor((box[0] - left) * across)),
            max(0, floor((box[1] - top) * along)),
            min(ceil((box[2] - left) * across), ceil(width * across)),
            min(ceil((box[3] - top) * along), ceil(height * along)),
        ]

    def _show(self, views: list[View]) -> list[View]:
        self.views += views
        return views


def area(view: View) -> Box:
    """The part of its image that a view shows, in pixels of the whole image."""
    return view.box or (0, 0, view.image.width, view.image.height)


def _tool(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {"type": "object", "properties": parameters, "required": list(parameters)},
        },
    }
