"""Exact match, as GQA is scored (Hudson and Manning, CVPR 2019)."""

import string

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def exact_match(prediction: str | None, reference: str) -> bool:
    """Whether both are the same but for case, ASCII punctuation and the space around them."""
    return prediction is not None and _plain(prediction) == _plain(reference)


def _plain(text: str) -> str:
    return text.lower().translate(_NO_PUNCTUATION).strip()
