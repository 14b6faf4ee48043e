"""A local model: any image-text-to-text model of transformers, with or without an adapter of PEFT."""

import asyncio
from collections.abc import Sequence
from typing import Any

from vision_tools.errors import ToolError
from vpd.errors import UserError
from vpd.evaluation.answering.model import Advance, Ask, Failure, Pixels, Reply, no_progress
from vpd.evaluation.answering.weights import LocalSettings, first_line, identity, load

_YES, _NO = ("yes", "Yes", " yes", " Yes"), ("no", "No", " no", " No")


class LocalModel:
    """Greedy replies in batches of conversations of like length."""

    def __init__(self, settings: LocalSettings, pixels: Pixels) -> None:
        self._settings = settings
        self._pixels = pixels
        self._size = settings.batch_size
        self._loaded: tuple[Any, Any] | None = None

        self._failed: list[str] = []
        """The problems of all conversations, as long as none had a reply."""
        self._replied = False

    @property
    def identity(self) -> str:
        """
        Raises:
            UserError: a package is missing, or the settings name what there is not.
        """
        return identity(self._settings)

    async def start(self) -> None:
        """
        Raises:
            UserError: see `load`.
        """
        self._loaded = await asyncio.to_thread(_held, self._settings)

    async def replies(
        self, asks: Sequence[Ask], max_tokens: int, advance: Advance = no_progress
    ) -> list[Reply]:
        return await asyncio.to_thread(self._replies, asks, max_tokens, advance)

    async def close(self) -> None:
        self._loaded = None

    def _replies(self, asks: Sequence[Ask], max_tokens: int, advance: Advance) -> list[Reply]:
        # Conversations of like length share a batch: little padding, and little that waits for the longest.
        order = sorted(range(len(asks)), key=lambda i: _length(asks[i]))
        done: dict[int, Reply] = {}
        while order:
            chunk = order[-self._size :]  # the longest first, so that memory runs out at once or never
            replies = self._attempt([asks[i] for i in chunk], max_tokens)
            if replies is not None:
                self._stop_where_all_fail(replies)
                done.update(zip(chunk, replies, strict=True))
                order = order[: -len(chunk)]
                advance(len(chunk))
        return [done[i] for i in range(len(asks))]

    def _attempt(self, asks: Sequence[Ask], max_tokens: int) -> list[Reply] | None:
        """The replies; None where memory ran out, and fewer are to be tried."""
        try:
            return self._generate(asks, max_tokens)
        except Exception as error:  # noqa: BLE001 - raised for whatever is odd about an input
            # It costs that question alone.
            if len(asks) == 1:
                return [Reply(failure=_failure(error))]
            if not _out_of_memory(error):
                return [reply for ask in asks for reply in self._attempt([ask], max_tokens) or ()]
            self._size = len(asks) // 2
        _free()
        return None

    def _stop_where_all_fail(self, replies: Sequence[Reply]) -> None:
        """
        Raises:
            UserError: nothing was replied to yet, and all failed for one reason, which is not the questions then.
        """
        self._replied = self._replied or any(reply.failure is None for reply in replies)
        if self._replied:
            return
        self._failed += [reply.failure.problem for reply in replies if reply.failure]
        unlike = any(reply.failure and reply.failure.status == "no_image" for reply in replies)
        if not unlike and len(self._failed) > 1 and len(set(self._failed)) == 1:
            raise UserError(f"{self._settings.model} fails on every question: {self._failed[0]}")

    def _generate(self, asks: Sequence[Ask], max_tokens: int) -> list[Reply]:
        import torch

        assert self._loaded is not None
        model, processor = self._loaded
        pictures = [[self._pixels.picture(view) for view in ask.views] for ask in asks]
        bos = processor.tokenizer.bos_token
        texts = [_prompt(processor, ask) for ask in asks]
        batch = processor(
            text=texts,
            images=pictures if any(pictures) else None,
            padding=True,
            add_special_tokens=not (bos and texts[0].startswith(bos)),
            return_tensors="pt",
        ).to(model.device, model.dtype)
        wants_yes = any(ask.wants_yes for ask in asks)
        with torch.inference_mode():
            made = model.generate(
                **batch,
                max_new_tokens=max_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                # They are kept for every token that is written: gigabytes, of long replies.
                output_logits=wants_yes,
                return_dict_in_generate=True,
            )
        prompt, tokens = batch["input_ids"], made.sequences
        if torch.equal(tokens[:, : prompt.shape[1]], prompt):  # most models repeat it, some do not
            tokens = tokens[:, prompt.shape[1] :]
        first = made.logits[0] if wants_yes else None
        yes = [None] * len(asks) if first is None else _probability_yes(processor.tokenizer, first)
        ends = _end_tokens(model)
        written = [_until_end(row, ends) for row in tokens.tolist()]
        read = batch["attention_mask"].sum(dim=1).tolist()
        return [
            Reply(
                text=processor.tokenizer.decode(_text(row, ends), skip_special_tokens=True).strip(),
                prompt_tokens=int(tokens_read),
                completion_tokens=len(row),
                probability_yes=likelihood,
            )
            for row, tokens_read, likelihood in zip(written, read, yes, strict=True)
        ]


_last: dict[LocalSettings, tuple[Any, Any]] = {}
"""The model that was loaded last: the next benchmark, or the next way of answering, mostly asks the same one."""


def _held(settings: LocalSettings) -> tuple[Any, Any]:
    if settings not in _last:
        _last.clear()  # first, since two models may not fit into memory
        _last[settings] = load(settings)
    return _last[settings]


def _prompt(processor: Any, ask: Ask) -> str:
    if getattr(processor, "chat_template", None):
        return processor.apply_chat_template(ask.messages, add_generation_prompt=True, tokenize=False)
    parts = [part for message in ask.messages for part in _parts(message["content"])]
    return f"Question: {' '.join(part['text'] for part in parts if part['type'] == 'text')} Answer:"


def _parts(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _length(ask: Ask) -> float:
    """About how many tokens a conversation has: a picture's grow with its area, a text's with its letters."""
    sizes = [
        (view.box[2] - view.box[0]) * (view.box[3] - view.box[1])
        if view.box
        else view.image.width * view.image.height
        for view in ask.views
    ]
    letters = sum(len(part.get("text", "")) for each in ask.messages for part in _parts(each["content"]))
    return sum(sizes) / 800 + letters / 4


def _probability_yes(tokenizer: Any, logits: Any) -> list[float | None]:
    """Of each row, from the logits of its first token, shape (rows, vocabulary)."""
    groups = [
        sorted({ids[0] for word in words if (ids := tokenizer.encode(word, add_special_tokens=False))})
        for words in (_YES, _NO)
    ]
    yes, no = (sorted(set(group) - set(other)) for group, other in (groups, groups[::-1]))
    if not yes or not no:
        return [None] * len(logits)
    likelihood = logits.float().log_softmax(dim=-1).exp()
    of_yes, of_no = likelihood[:, yes].sum(dim=1), likelihood[:, no].sum(dim=1)
    return (of_yes / (of_yes + of_no).clamp_min(1e-30)).tolist()


def _end_tokens(model: Any) -> set[int]:
    ends = model.generation_config.eos_token_id
    pad = model.generation_config.pad_token_id
    found: set[int] = set(ends if isinstance(ends, list) else [ends])
    return {token for token in (*found, pad) if token is not None}


def _until_end(tokens: Sequence[int], ends: set[int]) -> list[int]:
    """What was written, the end token included: after it there is padding."""
    end = next((i for i, token in enumerate(tokens) if token in ends), len(tokens) - 1)
    return list(tokens[: end + 1])


def _text(tokens: Sequence[int], ends: set[int]) -> list[int]:
    return [token for token in tokens if token not in ends]


def _failure(error: Exception) -> Failure:
    if _out_of_memory(error):  # another day, or on another machine, there may be more of it
        return Failure("no_reply", "memory runs out; give fewer pixels, --dtype bfloat16 or another --device")
    return Failure("no_image" if isinstance(error, ToolError) else "error", first_line(error))


def _out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    reason = str(error).lower()
    return any(sign in reason for sign in ("out of memory", "can't allocate memory", "cublas_status_alloc"))


def _free() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
