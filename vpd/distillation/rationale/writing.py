"""From a kept program to its rationale: facts, words, and the check; templates where a language model fails."""

from collections.abc import Collection

from vpd.distillation.check.check import Checker
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.facts.models import dump
from vpd.distillation.rationale.composition import compose
from vpd.distillation.rationale.prompt import Told
from vpd.distillation.rationale.rewriter import Rewriter
from vpd.distillation.settings import RationaleSettings
from vpd.records import Candidate, Example, Execution, Rationale


async def write_rationale(
    example: Example,
    candidate: Candidate,
    execution: Execution,
    settings: RationaleSettings,
    rewriter: Rewriter | None = None,
    matters: Collection[int] | None = None,
) -> Rationale:
    """The reasoning of a kept candidate in words.

    Args:
        example: its question. Of the label nothing is used.
        candidate: the program.
        execution: how it ran; it must have ended with an answer.
        settings: of the recipe.
        rewriter: asks a language model; None to write by templates.
        matters: indices of the steps that the answer is known to hang on, see `find_facts`.

    Raises:
        RunError: the language model cannot be asked any more.
    """
    facts = find_facts(example, candidate.program, execution, matters)
    sizes = tuple((image.width, image.height) for image in example.images)
    checker = Checker(facts, example, candidate.program)
    text = None
    if rewriter is not None:
        told = Told(example.question, example.choices, sizes, candidate.program, execution.steps, facts)
        text = (await rewriter.rewrite(told, checker)).text
    written = text or compose(facts, example.id, sizes, settings.boxes)
    return Rationale(
        example_id=example.id,
        index=candidate.index,
        text=written,
        facts=dump(facts),
        unsupported=tuple(claim.text for claim in checker.check(written)),
        source="template" if text is None else "language_model",
    )
