"""Attention over rows of packed turns, without the scores that the mask would throw away.

Each part of the text looks at the image and at as many tokens before it as a turn may have.
"""

from typing import Any

NAME = "vpd_packed_turns"
"""Under which transformers knows it, once `register` was called."""

_CHUNK = 160
"""Tokens that look at the same tokens: themselves, as many before them, and the image. The longest turns, captions of
nine things and lessons on words, have about as many; a longer one may slow down its whole batch."""


def register() -> None:
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    ALL_ATTENTION_FUNCTIONS.register(NAME, _attend)


def parts_mask(part: Any) -> Any:
    """What to give as the attention mask: the parts where they fit, else the usual mask.

    Args:
        part: (rows, length), as `turns.rows` gives it.

    Returns:
        (rows, 1, 1, length) of integers, or (rows, 1, length, length), true where a token (second last) sees another.
    """
    from vpd.tabletop.training.turns import mask

    return part[:, None, None] if _fits(part) else mask(part)


def _fits(part: Any) -> bool:
    """Whether all images are equally long, and no token lies further from its turn's first than it sees."""
    import torch

    heads = (part == -1).sum(dim=1)
    if (heads != heads[0]).any():
        return False
    text = part[:, int(heads[0]) :]
    places = torch.arange(text.shape[1], device=part.device).expand_as(text)
    begins = torch.ones_like(text, dtype=torch.bool)
    begins[:, 1:] = text[:, 1:] != text[:, :-1]
    first = torch.where(begins, places, 0).cummax(dim=1).values
    return bool(((first >= (places // _CHUNK - 1) * _CHUNK) | (text == -2)).all())


def _attend(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, scaling: float, **_: Any
) -> tuple[Any, None]:
    """By transformers' protocol: (rows, heads, length, size) in, (rows, length, heads, size) out."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    if attention_mask.shape[2] > 1:
        out = scaled_dot_product_attention(query, key, value, attn_mask=attention_mask, scale=scaling)
        return out.transpose(1, 2), None
    part = attention_mask[:, 0, 0]
    head = int((part[0] == -1).sum())
    image = scaled_dot_product_attention(
        query[:, :, :head], key[:, :, :head], value[:, :, :head], is_causal=True, scale=scaling
    )
    length = part.shape[1] - head
    chunks = -(-length // _CHUNK)
    spare = chunks * _CHUNK - length
    text = torch.nn.functional.pad(part[:, head:], (0, spare), value=-2)
    before = torch.nn.functional.pad(text, (_CHUNK, 0), value=-3)  # nobody's
    own = text.unflatten(1, (chunks, _CHUNK))
    window = torch.cat([before[:, :-_CHUNK].unflatten(1, (chunks, _CHUNK)), own], dim=2)
    order = torch.arange(2 * _CHUNK, device=part.device)
    seen = (own[..., None] == window[:, :, None]) & (order <= order[_CHUNK:, None])
    seen = torch.cat([seen.new_ones(*seen.shape[:3], head), seen], dim=-1)  # (rows, chunks, chunk, seen)
    queries = torch.nn.functional.pad(query[:, :, head:], (0, 0, 0, spare)).unflatten(2, (chunks, _CHUNK))
    # Plain products: on a processor the fused kernel's backward pass is slower for pieces of this size.
    scores = queries.transpose(1, 2).flatten(0, 1) @ _windows(key, head, chunks, spare).transpose(-1, -2)
    scores = scores * scaling + torch.where(seen.flatten(0, 1)[:, None], 0.0, -1e4).to(scores.dtype)
    out = scores.softmax(dim=-1) @ _windows(value, head, chunks, spare)
    out = out.unflatten(0, (-1, chunks)).transpose(1, 2).flatten(2, 3)[:, :, :length]
    return torch.cat([image, out], dim=2).transpose(1, 2), None


def _windows(states: Any, head: int, chunks: int, spare: int) -> Any:
    """What each chunk sees of keys or values: (rows · chunks, heads, head + 2 chunks, size)."""
    import torch

    padded = torch.nn.functional.pad(states[:, :, head:], (0, 0, _CHUNK, spare))
    before = padded[:, :, :-_CHUNK].unflatten(2, (chunks, _CHUNK))
    own = padded[:, :, _CHUNK:].unflatten(2, (chunks, _CHUNK))
    image = states[:, :, None, :head].expand(-1, -1, chunks, -1, -1)
    return torch.cat([image, before, own], dim=3).transpose(1, 2).flatten(0, 1)
