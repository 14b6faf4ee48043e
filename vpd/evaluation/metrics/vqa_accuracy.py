"""Soft accuracy against several people's answers: VQAv2, OK-VQA, TextVQA, and A-OKVQA's direct answers."""

from collections.abc import Sequence

from vpd.text.vqa import normalise, soft_accuracy


def vqa_accuracy(prediction: str | None, references: Sequence[str]) -> float:
    """Agreement with the references after VQA normalisation, in [0, 1] (Antol et al., ICCV 2015).

    Every answer is normalised; the evaluation script does so to the references only where they differ.

    Raises:
        ValueError: fewer than four references, against which no answer could ever score 1.
    """
    if len(references) < 4:
        raise ValueError(f"VQA accuracy is defined for ten references, not for {len(references)}")
    if prediction is None:
        return 0.0
    plain = normalise(prediction)
    return soft_accuracy(sum(normalise(reference) == plain for reference in references), len(references))


def direct_answer_accuracy(prediction: str | None, references: Sequence[str]) -> float:
    """A-OKVQA's min(1, matches/3), where only equal strings match (Schwenk et al., ECCV 2022).

    Questions marked `difficult_direct_answer` are not part of the benchmark's mean.
    """
    return min(1.0, sum(prediction == reference for reference in references) / 3)
