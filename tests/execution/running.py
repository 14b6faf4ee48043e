"""What tests of the sandbox share: a host that answers from a function, and images of one size."""

import asyncio
from collections.abc import Callable
from textwrap import dedent

from vpd.execution.calls import ApiCall, ApiValue, Patch, ToolFailure
from vpd.execution.sandbox import Outcome, ProgramInputs, Sandbox

SIZE = (100, 80)
DOG = Patch(0, (10, 20, 30, 60), "dog", 0.9)
CAT = Patch(0, (50, 10, 90, 40), "cat", 0.8)


def two_animals(call: ApiCall) -> ApiValue:
    """A dog on the left, a cat on the right; everything else is answered alike."""
    match call.method:
        case "find" | "find_text":
            return [DOG, CAT]
        case "exists" | "verify_property":
            return True
        case "compute_depth":
            assert call.patch is not None
            return 100.0 - call.patch.box[0]
        case "best_text_match":
            options = call.arguments["option_list"]
            assert isinstance(options, list)
            return str(options[0])
        case "best_image_match":
            return 1
        case "select_frames":
            return [Patch(1, (0, 0, *SIZE))]
        case _:
            return "brown"


class Host:
    """Answers calls, and remembers them."""

    def __init__(self, answer: Callable[[ApiCall], ApiValue] = two_animals) -> None:
        self._answer = answer
        self.calls: list[ApiCall] = []

    async def call(self, call: ApiCall) -> ApiValue:
        self.calls.append(call)
        await asyncio.sleep(0)
        return self._answer(call)


def broken(call: ApiCall) -> ApiValue:
    raise ToolFailure("the detector is out of order")


async def run(
    sandbox: Sandbox, program: str, host: Host | None = None, inputs: ProgramInputs | None = None
) -> Outcome:
    """Run an indented program on one image."""
    return await sandbox.run(dedent(program).strip(), inputs or ProgramInputs((SIZE,)), host or Host())


async def answer(sandbox: Sandbox, expression: str) -> str | None:
    """What a program returns that returns an expression of `image`."""
    outcome = await run(sandbox, f"def execute_command(image):\n    return {expression}")
    assert outcome.status == "ok", outcome.error
    return outcome.answer
