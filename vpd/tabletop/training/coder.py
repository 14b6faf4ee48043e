"""The code-writing language model: a small Llama that has read questions and programs, right and wrong ones."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from vpd.tabletop.splits import Split
from vpd.tabletop.training.programs import pairs
from vpd.tabletop.training.specialist import Schedule

MISTAKES = 0.4
"""Share of the programs with a mistake: at temperature 1 about as many are written."""

_LETTERS = 0.2
"""Share of the questions that ask for random letters: see `pairs`."""

_QUESTION, _PROGRAM, _END, _PAD = "<|question|>", "<|program|>", "<|end|>", "<|pad|>"
_CONTEXT = 512
_ROW = 256
_TOKENIZER_PAIRS = 3000

# A letter of a printed word and a digit are tokens of their own, so that what training never showed is copied too.
_PIECES = r"\n *| ?[A-Z]?[a-z]+| ?[A-Z]|\d| ?[^\sA-Za-z\d]+|\s"

_TEMPLATE = (
    # What never changes it knows by heart: of the messages it reads the question alone.
    "{{ '" + _QUESTION + "' + messages[-1]['content'].strip() }}"
    "{% if add_generation_prompt %}{{ '" + _PROGRAM + "' }}{% endif %}"
)


class Coder:
    """A Llama of a million weights that reads a question in some 20 tokens and writes a program in some 60."""

    name = "coder"
    schedule = Schedule(steps=3_200, batch_size=32)
    data = (
        f"questions of the training split in its phrasings, with programs in many styles; {MISTAKES:.0%} of them "
        f"hold a mistake of vpd/tabletop/mistakes.py; {_LETTERS:.0%} ask for random letters"
    )
    loading = (
        "sampling:\n"
        "  model: {provider: transformers, model: THIS_FOLDER, dtype: float32, batch_size: 64}\n"
        "  rounds: [{samples: 5, temperature: 0.7}]\n"
        "  max_tokens: 300"
    )

    def __init__(self, hidden: int = 128, layers: int = 4) -> None:
        self._hidden, self._layers = hidden, layers

    @property
    def tokenizer(self) -> Any:
        return _tokenizer()

    def build(self) -> Any:
        from transformers import LlamaConfig, LlamaForCausalLM

        config = LlamaConfig(
            vocab_size=len(self.tokenizer),
            hidden_size=self._hidden,
            intermediate_size=self._hidden * 8 // 3,
            num_hidden_layers=self._layers,
            num_attention_heads=self._hidden // 32,
            max_position_embeddings=_CONTEXT,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=self.tokenizer.eos_token_id,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        return LlamaForCausalLM(config)

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Question-program pairs side by side in rows of one length: see `packed`. They are never rendered."""
        del part
        found = pairs("train", size, MISTAKES, rng, _LETTERS)
        questions = self.tokenizer(
            [f"{_QUESTION}{pair.question.strip()}{_PROGRAM}" for pair in found]
        ).input_ids
        programs = self.tokenizer([pair.program.rstrip() + _END for pair in found]).input_ids
        return packed(list(zip(questions, programs, strict=True)), self.tokenizer.pad_token_id)

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        import torch

        part = batch["part"]
        length = part.shape[1]
        same = part[:, None, :, None] == part[:, None, None, :]
        causal = torch.ones(length, length, dtype=torch.bool, device=part.device).tril()
        return model(
            input_ids=batch["input_ids"],
            position_ids=batch["position"],
            attention_mask=same & causal,
            labels=batch["labels"],
            use_cache=False,
        ).loss

    def save(self, model: Any, folder: Path) -> None:
        import torch

        model.to(dtype=torch.float16).save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        from vpd.tabletop.training.coder_score import score

        return score(folder, split, count, seed)


@cache
def _tokenizer() -> Any:
    """Byte-pair encoding of fixed questions and programs: it does not depend on a run's seed."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1200,
        min_frequency=12,
        special_tokens=[_QUESTION, _PROGRAM, _END, _PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = pairs("train", _TOKENIZER_PAIRS, MISTAKES, np.random.default_rng(0))
    inner.train_from_iterator((part for pair in texts for part in pair), trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=_END, pad_token=_PAD)
    tokenizer.chat_template = _TEMPLATE
    return tokenizer


def packed(pairs: Sequence[tuple[list[int], list[int]]], pad: int) -> dict[str, Any]:
    """Token ids of prompts and replies, several pairs to a row, none of which sees another.

    Returns:
        Tensors of shape (rows, length): `input_ids`; `labels`, -100 where nothing is to be learnt; `position` in
        the pair; `part`, the pair's number in its row.
    """
    import torch

    width = max(_ROW, *(len(prompt) + len(reply) for prompt, reply in pairs))
    rows: list[list[tuple[list[int], list[int]]]] = []
    room: list[int] = []
    for prompt, reply in sorted(pairs, key=lambda pair: -len(pair[0]) - len(pair[1])):
        needed = len(prompt) + len(reply)
        row = next((k for k, free in enumerate(room) if free >= needed), len(rows))
        if row == len(rows):
            rows.append([])
            room.append(width)
        rows[row].append((prompt, reply))
        room[row] -= needed
    shape = (len(rows), width - min(room))
    ids, labels = torch.full(shape, pad), torch.full(shape, -100)
    position, part = torch.zeros(shape, dtype=torch.long), torch.full(shape, -1)
    for row, its in enumerate(rows):
        at = 0
        for number, (prompt, reply) in enumerate(its):
            end = at + len(prompt) + len(reply)
            ids[row, at:end] = torch.tensor(prompt + reply)
            # A label is compared with what the token before it predicts.
            labels[row, at + len(prompt) : end] = torch.tensor(reply)
            position[row, at:end] = torch.arange(end - at)
            part[row, at:end] = number
            at = end
    return {"input_ids": ids, "labels": labels, "position": position, "part": part}
