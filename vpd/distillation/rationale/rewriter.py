"""Facts to English by a language model: several variants, of which only those that pass the fact check count."""

import re
from typing import NamedTuple

from vpd.distillation.check.check import Checker, states_answer
from vpd.distillation.rationale.prompt import Told, another_attempt, first_attempt, instructions
from vpd.distillation.settings import RationaleSettings
from vpd.language_models.errors import RowError
from vpd.language_models.protocol import SILENT, LanguageModel, Message, Observer, Request

_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
_LEAD_IN = re.compile(r"^(?:explanation|rationale|answer)\s*:\s*", re.IGNORECASE)


class Variant(NamedTuple):
    """One reply, and what is wrong with it."""

    text: str
    unsupported: tuple[str, ...]
    """Claims that follow from nothing; also `(no answer)` where it does not end with the answer."""


class Rewritten(NamedTuple):
    """What came of asking a language model."""

    text: str | None
    """The best variant; None where none says only what the facts say."""
    variants: tuple[Variant, ...]


class Rewriter:
    """Asks a language model for rationales."""

    def __init__(
        self, model: LanguageModel, settings: RationaleSettings, observer: Observer = SILENT
    ) -> None:
        self._model = model
        self._settings = settings
        self._observer = observer
        self._instructions = instructions(settings.boxes)

    async def rewrite(self, told: Told, checker: Checker) -> Rewritten:
        """The shortest of several variants that passes the check.

        Where none passes, the best one is shown to the model with its unsupported claims, as often as the
        settings say.

        Raises:
            RunError: the model cannot be asked any more (see `vpd.language_models.errors`).
        """
        asked = first_attempt(told, self._settings.boxes)
        variants: list[Variant] = []
        for attempt in range(1 + self._settings.rewrites):
            replies = await self._replies(asked, attempt)
            variants += [_judged(reply, checker, self._settings.max_words) for reply in replies]
            passed = [variant.text for variant in variants if not variant.unsupported]
            if passed:
                return Rewritten(min(passed, key=lambda text: len(text.split())), tuple(variants))
            if not variants:
                break
            best = min(variants, key=lambda variant: len(variant.unsupported))
            asked = another_attempt(told, self._settings.boxes, best.text, best.unsupported)
        return Rewritten(None, tuple(variants))

    async def _replies(self, asked: Message, attempt: int) -> list[str]:
        settings = self._settings
        request = Request(
            messages=(self._instructions, asked),
            n=settings.variants,
            first_sample=attempt * settings.variants,
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            seed=settings.seed,
            log_probabilities=False,
        )
        try:
            completions = await self._model.complete(request, self._observer)
        except RowError:
            return []
        texts = (
            _clean(each.text) for each in completions if each.problem is None and each.finish_reason == "stop"
        )
        return list(dict.fromkeys(text for text in texts if text))


def _clean(reply: str) -> str:
    """The explanation in a reply: without thoughts, headings and quotation marks around it."""
    text = " ".join(_THOUGHTS.sub("", reply).split())
    return _LEAD_IN.sub("", text).strip().strip('"')


def _judged(text: str, checker: Checker, max_words: int) -> Variant:
    claims = [claim.text for claim in checker.check(text)]
    if not states_answer(text, checker.answer):
        claims.append("(it does not end with the answer)")
    if len(text.split()) > max_words:
        claims.append("(it is too long)")
    return Variant(text, tuple(claims))
