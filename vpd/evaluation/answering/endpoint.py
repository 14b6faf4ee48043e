"""A model behind an OpenAI-compatible endpoint, with the cache, the budget and the errors of language models."""

import hashlib
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from vision_tools.errors import ToolError
from vpd.engines.local import all_of
from vpd.evaluation.answering.model import Advance, Ask, Failure, Pixels, Reply, no_progress
from vpd.evaluation.files import write_whole
from vpd.evaluation.records import PredictionStatus
from vpd.language_models.errors import RefusalError, RowError, TransientError
from vpd.language_models.protocol import (
    Completion,
    ImagePart,
    LanguageModel,
    Message,
    Part,
    Request,
    TextPart,
)
from vpd.records import View
from vpd.text.yes_no import read_yes_no


class EndpointModel:
    """Asks all conversations at once; the client keeps to what the endpoint takes."""

    def __init__(self, model: LanguageModel, pixels: Pixels, crops: Path) -> None:
        """
        Args:
            model: behind the cache and the budget.
            pixels: of the images.
            crops: a folder for the parts of images that are shown, which are sent as files.
        """
        self._model = model
        self._pixels = pixels
        self._crops = crops

    @property
    def identity(self) -> str:
        return str(self._model.identity)

    async def start(self) -> None:
        """Nothing is loaded here."""

    async def replies(
        self, asks: Sequence[Ask], max_tokens: int, advance: Advance = no_progress
    ) -> list[Reply]:
        async def reply(ask: Ask) -> Reply:
            made = await self._reply(ask, max_tokens)
            advance(1)
            return made

        return await all_of(reply(ask) for ask in asks)

    async def close(self) -> None:
        await self._model.close()

    async def _reply(self, ask: Ask, max_tokens: int) -> Reply:
        try:
            request = self.request(ask, max_tokens)
            completion = (await self._model.complete(request))[0]
        except ToolError as error:
            return Reply(failure=Failure("no_image", str(error)))
        except RowError as error:
            return Reply(failure=Failure(_status(error), str(error)))
        usage = completion.usage
        failure = None
        if completion.finish_reason == "refusal":
            failure = Failure("refused", str(completion.problem))
        return Reply(
            completion.text.strip(),
            usage.prompt_tokens,
            usage.completion_tokens,
            _probability_yes(completion) if ask.wants_yes else None,
            failure,
        )

    def request(self, ask: Ask, max_tokens: int) -> Request:
        """The request that asks it.

        Raises:
            ToolError: a picture cannot be read.
        """
        views = iter(ask.views)
        messages = tuple(
            Message(role=each["role"], content=self._content(each["content"], views)) for each in ask.messages
        )
        return Request(messages=messages, temperature=0, max_tokens=max_tokens)

    def _content(self, content: Any, views: Any) -> str | tuple[Part, ...]:
        if isinstance(content, str):
            return content
        return tuple(
            TextPart(text=part["text"]) if part["type"] == "text" else self._image(next(views))
            for part in content
        )

    def _image(self, view: View) -> ImagePart:
        if view.box is None:
            return ImagePart(path=self._pixels.path(view).absolute(), sha256=view.image.sha256)
        content = _png(self._pixels.picture(view))
        digest = hashlib.sha256(content).hexdigest()
        path = self._crops / f"{digest[:32]}.png"
        if not path.exists():
            write_whole(path, content)
        return ImagePart(path=path.absolute(), sha256=digest)


def _status(error: RowError) -> PredictionStatus:
    if isinstance(error, TransientError):
        return "no_reply"
    return "refused" if isinstance(error, RefusalError) else "error"


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _probability_yes(completion: Completion) -> float | None:
    """From the first token's own probability, which is all that endpoints agree to tell: P(yes) where the reply
    is a yes, and 1 - P(no) where it is a no."""
    said = read_yes_no(completion.text)
    if said is None or not completion.log_probabilities:
        return None
    first = math.exp(completion.log_probabilities[0])
    return first if said else 1 - first
