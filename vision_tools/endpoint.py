"""An answerer: any OpenAI-compatible endpoint that sees images."""

import base64
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from PIL import Image

from vision_tools.crops import MARGIN, large_enough, with_margin
from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.packages import require
from vision_tools.roles import AnswerQuery

INSTRUCTION = "Answer with a single word or phrase."


class Endpoint:
    """Short answers over HTTP, several requests at a time."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key_env: str = "OPENAI_API_KEY",
        instruction: str = INSTRUCTION,
        max_tokens: int = 64,
        max_side: int = 1024,
        margin: int = MARGIN,
        timeout: float = 60.0,
        retries: int = 4,
        concurrency: int = 8,
    ) -> None:
        """
        Args:
            model: the endpoint's name for the model.
            base_url: e.g. `http://localhost:8000/v1`; None means OpenAI's own.
            api_key_env: the environment variable that holds the key.
            instruction: the system message.
            max_tokens: how long an answer may become.
            max_side: images are scaled down to this many pixels on the longer side before they are sent.
            margin: pixels around a region that are shown with it.
            timeout: seconds to wait for one answer.
            retries: how often a request is sent again after a rate limit, a server error or a lost connection.
            concurrency: how many requests run at a time.

        Raises:
            ToolUnavailable: there is no key for OpenAI's own endpoint.
        """
        self._library = require("openai", extra="models", user="the answerer 'endpoint'")
        self._model, self._base_url, self._instruction = model, base_url, instruction
        self._max_tokens, self._max_side, self._margin = max_tokens, max_side, margin
        self._timeout, self._retries, self._concurrency = timeout, retries, concurrency
        self._key = os.environ.get(api_key_env)
        if self._key is None and base_url is None:
            raise ToolUnavailable(
                f"the endpoint needs a key: export {api_key_env}=..., or set base_url to a server of yours"
            )

    @property
    def identity(self) -> str:
        return (
            f"endpoint {self._base_url or 'openai'} {self._model} instruction={self._instruction!r} "
            f"max_tokens={self._max_tokens} max_side={self._max_side} margin={self._margin}"
        )

    @property
    def batch_size(self) -> int:
        return self._concurrency

    def answer(self, queries: Sequence[AnswerQuery]) -> list[str]:
        """
        Raises:
            ToolError: the endpoint refused, failed for good, or sent an empty answer.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            return list(pool.map(self._ask, queries))

    def _ask(self, query: AnswerQuery) -> str:
        image = _as_url(large_enough(with_margin(query.region, self._margin)), self._max_side)
        content = [
            {"type": "image_url", "image_url": {"url": image}},
            {"type": "text", "text": query.question},
        ]
        try:
            reply = self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": self._instruction},
                    {"role": "user", "content": content},
                ],
                max_tokens=self._max_tokens,
                temperature=0,
            )
        except self._library.APIStatusError as error:
            raise ToolError(
                f"the endpoint answered {error.status_code}: {_first_line(error.message)}"
            ) from error
        except self._library.OpenAIError as error:
            where = self._base_url or "OpenAI"
            raise ToolError(f"no answer from {where}: {_first_line(error)}; is it running?") from error
        text = (reply.choices[0].message.content or "").strip() if reply.choices else ""
        if not text:
            raise ToolError(f"the endpoint gave no answer to {query.question!r}")
        return text

    @cached_property
    def _client(self) -> Any:
        return self._library.OpenAI(
            api_key=self._key or "none",
            base_url=self._base_url,
            timeout=self._timeout,
            max_retries=self._retries,
        )


def _as_url(image: Image.Image, max_side: int) -> str:
    """A PNG data URL: without losses, so that the same region is always the same request."""
    image = image.copy()
    image.thumbnail((max_side, max_side))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
