"""The tokenizer of the models that match phrases with pictures: CLIP's own class over this world's words."""

from string import ascii_lowercase
from typing import Any

from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

_WORDS = (
    *COLORS,
    *MATERIALS,
    *SHAPES,
    *SIZES,
    "object",
    "thing",
    "sign",
    "white",
    "paper",
    "table",
    "the",
    "on",
)
LENGTH = 16


def phrase_tokenizer() -> Any:
    """Byte-pair encoding in which each of the world's words is one token; other words are spelt."""
    from transformers import CLIPTokenizer

    vocab = {letter: i for i, letter in enumerate([*ascii_lowercase, *(f"{c}</w>" for c in ascii_lowercase)])}
    merges: Any = []  # pairs, whatever the library says
    for word in _WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            if pair not in merges:
                merges.append(pair)
                vocab.setdefault("".join(pair), len(vocab))
            parts = ["".join(pair), *parts[2:]]
    for token in ("<|startoftext|>", "<|endoftext|>"):
        vocab[token] = len(vocab)
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=LENGTH)
