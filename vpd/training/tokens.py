"""From the characters of a rendered conversation to its tokens, past the image tokens that placeholders become."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from vpd.training.rendering import Rendered, Span


class Expansion(NamedTuple):
    """An image placeholder in the rendered text, and the image tokens it became in the text that was tokenized."""

    before: Span
    after: Span


def expansions(offsets: Sequence[dict[str, Any]]) -> list[Expansion]:
    """Those of one row, in order, from a processor's `text_replacement_offsets`."""
    return [Expansion(Span(*each["span"]), Span(*each["new_span"])) for each in offsets]


def target_tokens(
    rendered: Rendered, expanded: Sequence[Expansion], offsets: Sequence[tuple[int, int]]
) -> list[bool]:
    """Which tokens get loss: those that lie wholly in a target and touch no masked character.

    Args:
        rendered: the conversation.
        expanded: its image placeholders.
        offsets: each token's characters, start and end (exclusive), in the text that was tokenized; tokens
            without any (padding) get no loss.
    """
    ends = [each.before.end for each in expanded]
    gained = [0, *(each.after.end - each.before.end for each in expanded)]

    def moved(span: Span) -> Span:
        return Span(*(at + gained[bisect_right(ends, at)] for at in span))

    targets = [moved(span) for span in rendered.targets]
    masked = [moved(span) for span in rendered.masked]
    return [
        start < end
        and any(target.start <= start and end <= target.end for target in targets)
        and not any(start < mask.end and mask.start < end for mask in masked)
        for start, end in offsets
    ]
