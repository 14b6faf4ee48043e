"""A conversation with pixel operations as it is put together: what is said, called, shown and masked."""

from collections.abc import Sequence
from typing import Any

from vpd.pixel_operations import Coordinates, Pictures, call_text, prompt, response_message, system_text
from vpd.records import Box, Example, MaskedSpan, View


class Conversation:
    """Messages, pictures and masked spans of one trajectory row."""

    def __init__(self, example: Example, shown: Sequence[View], coordinates: Coordinates) -> None:
        self.pictures = Pictures(shown, example.video, coordinates)
        self.messages: list[dict[str, Any]] = [
            {"role": "system", "content": system_text(coordinates)},
            *prompt(example, shown),
        ]
        self.masked: list[MaskedSpan] = []

    def zoom(self, said: str, box: Box, target: int, wrong: bool = False) -> View:
        """Say something, then look at a box, given in pixels of the whole image."""
        bbox = self.pictures.bbox(box, target)
        self._call(said, call_text("zoom_in", {"bbox_2d": bbox, "target_image": target}), wrong)
        [view] = self._show(self.pictures.zoom_in(bbox, target))
        return view

    def select(self, said: str, frames: Sequence[int], wrong: bool = False) -> list[View]:
        """Say something, then look at frames, counted from 1 among those shown."""
        self._call(said, call_text("select_frames", {"target_frames": list(frames)}), wrong)
        return self._show(self.pictures.select_frames(frames))

    def say(self, text: str) -> None:
        """End with words."""
        self.messages.append({"role": "assistant", "content": text})

    def _call(self, said: str, call: str, wrong: bool) -> None:
        text = f"{said}\n{call}"
        if wrong:
            # A wrong operation is shown so that the model learns to recover from one, not to make it.
            self.masked.append(MaskedSpan(message=len(self.messages), start=len(said) + 1, end=len(text)))
        self.messages.append({"role": "assistant", "content": text})

    def _show(self, views: list[View]) -> list[View]:
        first = len(self.pictures.views) - len(views) + 1
        self.messages.append(response_message(first, views))
        return views
