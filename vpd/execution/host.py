"""The trusted side of the program API: each call that a program makes, in terms of the tools' roles."""

from collections.abc import Sequence
from typing import Any, cast

from vision_tools.regions import Picture, Region
from vision_tools.roles import (
    AnswerQuery,
    AttributeQuery,
    KnowledgeQuery,
    NameQuery,
    TextsQuery,
)
from vpd.execution.broker import Broker
from vpd.execution.calls import ApiCall, ApiValue, Patch, ToolFailure


class ToolHost:
    """Answers one program's calls about one example's images."""

    def __init__(self, broker: Broker, pictures: Sequence[Picture], sizes: Sequence[tuple[int, int]]) -> None:
        """
        Args:
            broker: where the calls go.
            pictures: the example's images, or a video's frames in time order.
            sizes: their widths and heights.
        """
        self._broker = broker
        self._pictures = pictures
        self._sizes = sizes

    async def call(self, call: ApiCall) -> ApiValue:
        """See `ProgramHost.call`."""
        arguments = call.arguments
        match call.method:
            case "find":
                return await self._find(_of(call), _text(arguments, "object_name"))
            case "exists":
                return bool(await self._find(_of(call), _text(arguments, "object_name")))
            case "verify_property":
                query = AttributeQuery(
                    self._region(_of(call)),
                    _text(arguments, "object_name"),
                    _text(arguments, "visual_property"),
                )
                return cast("bool", await self._broker.call("attributes", query))
            case "best_text_match":
                return await self._best_text(_of(call), arguments)
            case "simple_query":
                question = arguments.get("question")
                text = question if isinstance(question, str) else "What is this?"
                return cast(
                    "str", await self._broker.call("answerer", AnswerQuery(self._region(_of(call)), text))
                )
            case "read_text":
                return "\n".join(line for line, _ in await self._read(_of(call)))
            case "find_text":
                return await self._find_text(_of(call), arguments.get("text"))
            case "compute_depth":
                return cast("float", await self._broker.call("depth", self._region(_of(call))))
            case "llm_query":
                return await self._know(arguments)
            case "best_image_match":
                return await self._best_image(arguments)
            case "select_frames":
                return await self._select_frames(arguments)
            case _:
                raise ToolFailure(f"there is no tool behind `{call.method}`")

    async def _find(self, patch: Patch, name: str) -> list[Patch]:
        if _empty(patch):
            return []
        found = cast("list[Any]", await self._broker.call("detector", NameQuery(self._region(patch), name)))
        patches = [self._inside(patch, box, category=name, confidence=score) for box, _, score in found]
        return sorted((p for p in patches if not _empty(p)), key=lambda p: (p.box[0], p.box[1]))

    async def _read(self, patch: Patch) -> list[tuple[str, list[float]]]:
        if _empty(patch):
            return []
        lines = cast("list[Any]", await self._broker.call("reader", self._region(patch)))
        return [(text, box) for text, box, _ in lines]

    async def _find_text(self, patch: Patch, text: Any) -> list[Patch]:
        wanted = text.casefold() if isinstance(text, str) else ""
        found = [
            self._inside(patch, box, category=line, confidence=1.0)
            for line, box in await self._read(patch)
            if wanted in line.casefold()
        ]
        return [each for each in found if not _empty(each)]

    async def _best_text(self, patch: Patch, arguments: dict[str, Any]) -> str:
        options = _texts(arguments, "option_list")
        prefix = arguments.get("prefix")
        described = [f"{prefix} {option}" if isinstance(prefix, str) else option for option in options]
        [scores] = await self._score([patch], described)
        return options[scores.index(max(scores))]

    async def _best_image(self, arguments: dict[str, Any]) -> int | None:
        """The index of the best patch: the mean score over the contents decides."""
        patches = cast("list[Patch]", arguments["list_patches"])
        if not patches:
            return None
        content = arguments.get("content")
        texts = [content] if isinstance(content, str) else _texts(arguments, "content")
        scores = [sum(each) for each in await self._score(patches, texts)]
        return scores.index(max(scores))

    async def _select_frames(self, arguments: dict[str, Any]) -> list[Patch]:
        start, end, count = (int(cast("int", arguments[name])) for name in ("start", "end", "count"))
        frames = [Patch(i, (0, 0, *self._sizes[i])) for i in range(start, end)]
        text = _text(arguments, "description")
        scores = [score for [score] in await self._score(frames, [text])]
        best = sorted(range(len(frames)), key=lambda i: -scores[i])[: max(count, 0)]
        return [frames[i] for i in sorted(best)]

    async def _score(self, patches: Sequence[Patch], texts: Sequence[str]) -> list[list[float]]:
        """One list of scores per patch, asked for together."""
        queries = [TextsQuery(self._region(patch), tuple(texts)) for patch in patches]
        return cast("list[list[float]]", await self._broker.call_all("scorer", queries))

    async def _know(self, arguments: dict[str, Any]) -> str:
        context = arguments.get("context")
        query = KnowledgeQuery(
            _text(arguments, "query"),
            context if isinstance(context, str) else None,
            bool(arguments.get("long_answer", False)),
        )
        return cast("str", await self._broker.call("knowledge", query))

    def _region(self, patch: Patch) -> Region:
        if _empty(patch):
            raise ToolFailure(f"the region {patch.box} is empty: there is nothing to look at")
        return Region(self._pictures[patch.image], patch.box)

    def _inside(self, patch: Patch, box: Sequence[float], category: str, confidence: float) -> Patch:
        """A box in the pixels of a region → a patch, in whole pixels of the whole image."""
        left, top, right, bottom = patch.box
        x1, y1 = max(left + round(box[0]), left), max(top + round(box[1]), top)
        x2, y2 = min(left + round(box[2]), right), min(top + round(box[3]), bottom)
        return Patch(patch.image, (x1, y1, max(x2, x1), max(y2, y1)), category, confidence)


def _of(call: ApiCall) -> Patch:
    if call.patch is None:
        raise TypeError(f"`{call.method}` must be called on a patch")
    return call.patch


def _empty(patch: Patch) -> bool:
    left, top, right, bottom = patch.box
    return right <= left or bottom <= top


def _text(arguments: dict[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise TypeError(f"`{name}` must be a string, not {type(value).__name__}")
    return value


def _texts(arguments: dict[str, Any], name: str) -> list[str]:
    values = arguments.get(name)
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise TypeError(f"`{name}` must be a list of strings with at least one in it")
    return cast("list[str]", values)
