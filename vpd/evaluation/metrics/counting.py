"""Accuracy on counts, as TallyQA is scored (Acharya et al., AAAI 2019)."""

from vpd.text.quantities import read_quantity


def same_count(prediction: str | None, count: int) -> bool:
    """Whether the prediction states exactly this whole number, in digits or words."""
    found = read_quantity(prediction) if prediction is not None else None
    return found is not None and found.value == count
