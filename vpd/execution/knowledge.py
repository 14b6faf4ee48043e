"""The role `knowledge`: the project's language models as tools that programs may ask."""

import asyncio
import inspect
import json
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import cached_property
from typing import Any, TypeVar

from pydantic import ValidationError

from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.roles import KnowledgeQuery
from vpd.language_models.errors import LanguageModelError, RunError
from vpd.language_models.protocol import Completion, Message, Request
from vpd.language_models.settings import OpenAISettings, TransformersSettings, create
from vpd.prompts import render
from vpd.store import combine

T = TypeVar("T")

_MAX_TOKENS = {False: 64, True: 512}
"""Of a reply; more for a long answer."""

_MOST_KEPT = 4096


class LanguageModelKnowledge:
    """Answers from a language model's general knowledge. It sees no image and not the question of the example."""

    def __init__(self, settings: OpenAISettings | TransformersSettings) -> None:
        """
        Raises:
            ToolUnavailable: the key or the library that the model needs is missing.
        """
        try:
            self._model = create(settings)
        except LanguageModelError as error:
            raise ToolUnavailable(str(error)) from error
        self.batch_size = (
            settings.max_concurrency if isinstance(settings, OpenAISettings) else settings.batch_size
        )
        self._answers: dict[KnowledgeQuery, str] = {}

    @cached_property
    def identity(self) -> str:
        """
        Raises:
            ToolUnavailable: there is no such model.
        """
        try:
            model = json.dumps(self._model.identity, sort_keys=True)
        except LanguageModelError as error:
            raise ToolUnavailable(str(error)) from error
        prompts = combine(*(render("knowledge.j2", context="", long_answer=length) for length in _MAX_TOKENS))
        return f"language model {model} prompts={prompts} max_tokens={_MAX_TOKENS}"

    def know(self, queries: Sequence[KnowledgeQuery]) -> list[str]:
        """
        Raises:
            ToolError: a query has no answer. The others' answers are kept for when they are asked again alone.
            RunError: the model cannot be asked any more: the key is wrong, or the endpoint is down.
        """
        if len(self._answers) > _MOST_KEPT:
            self._answers.clear()
        new = [query for query in dict.fromkeys(queries) if query not in self._answers]
        replies = self._wait(self._ask_all(new))
        failures = [reply for reply in replies if isinstance(reply, BaseException)]
        self._answers |= {q: r for q, r in zip(new, replies, strict=True) if isinstance(r, str)}
        for failure in failures:
            if isinstance(failure, LanguageModelError) and not isinstance(failure, RunError):
                raise ToolError(str(failure)) from failure
            raise failure
        return [self._answers[query] for query in queries]

    async def _ask_all(self, queries: Sequence[KnowledgeQuery]) -> list[str | BaseException]:
        return await asyncio.gather(*map(self._ask, queries), return_exceptions=True)

    async def _ask(self, query: KnowledgeQuery) -> str:
        [completion] = await self._model.complete(request(query))
        if completion.problem is not None:
            raise completion.problem
        return _said(completion)

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        """A model keeps its connections in one event loop; tools are called from threads without one."""
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="knowledge", daemon=True).start()
        return loop


def _said(completion: Completion) -> str:
    """The answer without the thinking before it.

    Raises:
        ToolError: the reply ended before the answer began.
    """
    thought, ended, answer = completion.text.rpartition("</think>")
    if not ended and "<think>" in answer:
        raise ToolError("the language model was cut off while it thought; use one that does not think aloud")
    return answer.strip() or thought.strip()


def request(query: KnowledgeQuery) -> Request:
    """What is asked: the instructions first, so that providers can cache them."""
    told = render("knowledge.j2", context=query.context, long_answer=query.long_answer)
    return Request(
        messages=(Message(role="system", content=told), Message(role="user", content=query.question)),
        temperature=0,
        max_tokens=_MAX_TOKENS[query.long_answer],
        log_probabilities=False,
    )


def _maker(kind: type[OpenAISettings] | type[TransformersSettings]) -> Callable[..., LanguageModelKnowledge]:
    """What the registry calls: its parameters are the model's settings."""

    def make(**settings: Any) -> LanguageModelKnowledge:
        try:
            parsed = kind(**settings)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ToolUnavailable(f"its setting {where!r} cannot be used: {first['msg']}") from error
        return LanguageModelKnowledge(parsed)

    parameters = inspect.signature(kind).parameters.values()
    make.__signature__ = inspect.Signature([p for p in parameters if p.name not in ("provider", "prices")])
    return make


openai = _maker(OpenAISettings)
transformers = _maker(TransformersSettings)
