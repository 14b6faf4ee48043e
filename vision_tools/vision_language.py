"""An answerer: any image-text-to-text model of transformers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.crops import MARGIN, large_enough, with_margin
from vision_tools.errors import ToolError
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.roles import AnswerQuery

INSTRUCTION = "Answer with a single word or phrase."


class _Input(NamedTuple):
    image: Image.Image
    question: str


class VisionLanguage:
    """Short answers, decoded greedily."""

    def __init__(
        self,
        model: str = "Qwen/Qwen3-VL-2B-Instruct",
        *,
        instruction: str = INSTRUCTION,
        max_new_tokens: int = 32,
        margin: int = MARGIN,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        batch_size: int = 8,
    ) -> None:
        """
        Args:
            model: a hub name or folder, e.g. also `HuggingFaceTB/SmolVLM2-500M-Video-Instruct`.
            instruction: what follows the question in the prompt.
            max_new_tokens: how long an answer may become.
            margin: pixels around a region that are shown with it.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._instruction, self._max_new_tokens, self._margin = instruction, max_new_tokens, margin
        self._batcher = Batcher(batch_size)

    @cached_property
    def identity(self) -> str:
        return (
            f"vision_language {self._weights.identity} instruction={self._instruction!r} "
            f"max_new_tokens={self._max_new_tokens} margin={self._margin}"
        )

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def answer(self, queries: Sequence[AnswerQuery]) -> list[str]:
        """
        Raises:
            ToolError: the model wrote nothing.
        """
        inputs = [
            _Input(large_enough(with_margin(region, self._margin)), question) for region, question in queries
        ]
        answers = self._batcher.run(inputs, self._forward)
        if "" in answers:
            raise ToolError(f"the model gave no answer to {queries[answers.index('')].question!r}")
        return answers

    def _forward(self, inputs: Sequence[_Input]) -> list[str]:
        import torch

        model, processor = self._model, self._processor
        batch = processor(
            text=[self._prompt(one.question) for one in inputs],
            images=[[one.image] for one in inputs],
            padding=True,
            return_tensors="pt",
        ).to(model.device, model.dtype)
        with torch.inference_mode():
            tokens = model.generate(**batch, max_new_tokens=self._max_new_tokens, do_sample=False)
        prompt = batch["input_ids"]
        if torch.equal(tokens[:, : prompt.shape[1]], prompt):  # most models repeat it, some do not
            tokens = tokens[:, prompt.shape[1] :]
        return [text.strip() for text in processor.batch_decode(tokens, skip_special_tokens=True)]

    def _prompt(self, question: str) -> str:
        text = f"{question.strip()} {self._instruction}".strip()
        if getattr(self._processor, "chat_template", None) is None:
            return f"Question: {text} Answer:"
        content = [{"type": "image"}, {"type": "text", "text": text}]
        return self._processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
        )

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForImageTextToText")

    @cached_property
    def _processor(self) -> Any:
        processor = load_processor(self._weights)
        processor.tokenizer.padding_side = "left"  # what is written continues the prompt's last token
        return processor
