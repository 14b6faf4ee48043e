"""The tools of a few-shot example's program, answered from its world."""

from typing import Any, cast

from vpd.execution.calls import ApiCall, ApiValue, Patch, ToolFailure
from vpd.execution.sandbox import Outcome, ProgramInputs, Sandbox
from vpd.records import Box, ImageFile
from vpd.sampling.examples import FewShot, Thing, World


async def run(sandbox: Sandbox, example: FewShot) -> Outcome:
    """Run an example's program in its world."""
    inputs = ProgramInputs(
        images=tuple((scene.width, scene.height) for scene in example.world.images),
        video=example.video,
        question=example.question,
        choices=example.choices,
    )
    return await sandbox.run(example.program, inputs, WorldHost(example.world))


def images(world: World) -> list[ImageFile]:
    return [ImageFile(path="", sha256="", width=each.width, height=each.height) for each in world.images]


class WorldHost:
    def __init__(self, world: World) -> None:
        self._world = world

    async def call(self, call: ApiCall) -> ApiValue:
        arguments = cast("dict[str, Any]", call.arguments)
        match call.method:
            case "llm_query":
                return self._known(self._world.knowledge, arguments["query"])
            case "best_image_match":
                patches, wanted = arguments["list_patches"], set(arguments["content"])
                return next(i for i, p in enumerate(patches) if wanted <= {*self._at(p).properties})
            case "select_frames":
                return [
                    Patch(i, (0, 0, self._world.images[i].width, self._world.images[i].height))
                    for i in range(arguments["start"], arguments["end"])
                    if arguments["description"] in self._world.images[i].properties
                ][: arguments["count"]]
            case method:
                assert call.patch is not None
                return self._look(method, call.patch, arguments)

    def _look(self, method: str, patch: Patch, arguments: dict[str, Any]) -> ApiValue:
        match method:
            case "find":
                return self._find(patch, arguments["object_name"])
            case "exists":
                return bool(self._find(patch, arguments["object_name"]))
            case "verify_property":
                return arguments["visual_property"] in self._at(patch).properties
            case "best_text_match":
                prefix = f"{arguments['prefix']} " if arguments["prefix"] else ""
                options = arguments["option_list"]
                return next(o for o in options if f"{prefix}{o}" in self._at(patch).properties)
            case "simple_query":
                thing = self._thing(patch)
                told = thing.answers if thing else self._world.images[patch.image].answers
                return self._known(told, arguments["question"])
            case "read_text":
                return "\n".join(p.category for p in self._lines(patch, ""))
            case "find_text":
                return self._lines(patch, arguments["text"] or "")
            case "compute_depth":
                depth = self._at(patch).depth
                assert depth is not None
                return depth
            case _:
                raise ToolFailure(f"this world does not answer {method}")

    def _find(self, patch: Patch, name: str) -> list[Patch]:
        found = [each for each in self._inside(patch) if each.name == name]
        return sorted((Patch(patch.image, _whole(t.box), name) for t in found), key=lambda p: p.box)

    def _lines(self, patch: Patch, text: str) -> list[Patch]:
        lines = [each for each in self._world.images[patch.image].lines if _within(each.box, patch.box)]
        found = [each for each in lines if text.lower() in each.text.lower()]
        return [Patch(patch.image, _whole(each.box), each.text) for each in found]

    def _inside(self, patch: Patch) -> list[Thing]:
        return [each for each in self._world.images[patch.image].things if _within(each.box, patch.box)]

    def _thing(self, patch: Patch) -> Thing | None:
        """What a patch shows: the one thing in it, or the thing that fills it. None for a whole image."""
        exact = [each for each in self._inside(patch) if _whole(each.box) == patch.box]
        inside = exact or self._inside(patch)
        return inside[0] if len(inside) == 1 else None

    def _at(self, patch: Patch) -> Thing:
        thing = self._thing(patch)
        assert thing is not None, f"{patch.box} shows no single thing"
        return thing

    def _known(self, answers: dict[str, str], question: str) -> str:
        if question not in answers:
            raise ToolFailure(f"this world has no answer to {question!r}")
        return answers[question]


def _within(inner: Box, outer: Box) -> bool:
    """Whether the middle of one box lies in another."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _whole(box: Box) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = map(int, box)
    return x1, y1, x2, y2
