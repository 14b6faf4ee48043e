"""An open-vocabulary detector: the original Grounding DINO, through the package groundingdino-py."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.boxes import tidied
from vision_tools.errors import ToolUnavailable
from vision_tools.loading import on_device, shared
from vision_tools.open_vocabulary import Prompted, RawBoxes, in_pixels, prompted
from vision_tools.packages import require
from vision_tools.roles import Detection, NameQuery


class GroundingDinoPy:
    """Finds what a noun phrase describes. Each phrase is asked alone, so that no other changes its result."""

    def __init__(
        self,
        weights: str | Path,
        *,
        config: Mapping[str, Any] | None = None,
        text_encoder: str = "bert-base-uncased",
        image_size: tuple[int, int] = (800, 1333),
        confidence: float = 0.35,
        iou: float = 0.7,
        device: str = "cpu",
        batch_size: int = 4,
    ) -> None:
        """
        Args:
            weights: a checkpoint file, e.g. `groundingdino_swint_ogc.pth`.
            config: what differs from the package's Swin-T configuration, e.g.
                `{"backbone": "swin_B_384_22k", "position_embedding": "sine"}`.
            text_encoder: a hub name or folder of the BERT model and its tokenizer.
            image_size: regions are scaled so that the shorter side has the first number of pixels, and the
                longer one no more than the second.
            confidence: boxes with a lower score for their best token are left out.
            iou: of boxes overlapping more than this, only the surest is kept.

        Raises:
            ToolUnavailable: the file or the package is missing.
        """
        self._file = Path(weights)
        if not self._file.is_file():
            raise ToolUnavailable(
                f"there is no weight file {weights}; download groundingdino_swint_ogc.pth from "
                "https://github.com/IDEA-Research/GroundingDINO/releases and set weights to its path"
            )
        self._package = require("groundingdino", extra="detectors", user="the detector 'groundingdino_py'")
        self._config, self._text_encoder = dict(config or {}), text_encoder
        self._image_size, self._device = image_size, device
        self._confidence, self._iou = confidence, iou
        self._batcher = Batcher(batch_size)

    @cached_property
    def identity(self) -> str:
        content = hashlib.sha256(self._file.read_bytes()).hexdigest()
        return (
            f"groundingdino_py {version('groundingdino-py')} weights={content} "
            f"config={self._config} text={self._text_encoder} image_size={self._image_size} "
            f"confidence={self._confidence} iou={self._iou}"
        )

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        inputs = prompted(queries, self._pixels)
        # The package applies the text mask of one caption to others of its batch: only equal masks may meet.
        tokenizer = self._model.tokenizer
        found = self._batcher.run(
            inputs, self._forward, shape=lambda one: (one.pixels.shape, len(tokenizer.tokenize(one.prompt)))
        )
        return [
            tidied(*raw, label=query.name, size=query.region.size, iou=self._iou)
            for query, raw in zip(queries, found, strict=True)
        ]

    def _pixels(self, image: Image.Image) -> Any:
        from groundingdino.datasets import transforms as T

        shorter, longer = self._image_size
        steps = [
            T.RandomResize([shorter], max_size=longer),  # of one size: nothing random about it
            T.ToTensor(),
            T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
        return T.Compose(steps)(image, None)[0]

    def _forward(self, inputs: Sequence[Prompted]) -> list[RawBoxes]:
        import torch

        pixels = torch.stack([one.pixels for one in inputs]).to(self._device)
        with torch.inference_mode():
            output = self._model(pixels, captions=[f"{one.prompt}." for one in inputs])
        scores = output["pred_logits"].sigmoid().amax(-1)
        return [
            in_pixels(boxes, its_scores, one.image.size, self._confidence)
            for one, boxes, its_scores in zip(inputs, output["pred_boxes"], scores, strict=True)
        ]

    @cached_property
    def _model(self) -> Any:
        return shared(
            ("groundingdino_py", self._file, repr(self._config), self._text_encoder, self._device), self._load
        )

    def _load(self) -> Any:
        import torch
        from groundingdino.models import build_model
        from groundingdino.models.GroundingDINO import groundingdino
        from groundingdino.util.misc import clean_state_dict
        from groundingdino.util.slconfig import SLConfig

        folder = Path(str(self._package.__file__)).parent
        config = SLConfig.fromfile(str(folder / "config" / "GroundingDINO_SwinT_OGC.py"))
        checkpointing = {"use_checkpoint": False, "use_transformer_ckpt": False}
        for name, value in {**checkpointing, **self._config}.items():
            setattr(config, name, value)
        config.text_encoder_type, config.device = self._text_encoder, self._device
        groundingdino.BertModelWarper = _text_encoder_class()
        try:
            with redirect_stdout(io.StringIO()):
                model = build_model(config)
            state = torch.load(self._file, map_location="cpu", weights_only=True)
            model.load_state_dict(clean_state_dict(state["model"]), strict=False)
        except Exception as error:
            raise ToolUnavailable(f"groundingdino cannot load {self._file}: {error}") from error
        return on_device(model, self._device)


def _text_encoder_class() -> type:
    """The package's wrapper around BERT, written anew: its own needs methods that transformers 5 dropped."""
    from torch import nn

    class TextEncoder(nn.Module):
        """Keeps the names of the modules, as the checkpoint's keys follow them."""

        def __init__(self, bert_model: Any) -> None:
            super().__init__()
            self.config = bert_model.config
            # Only this implementation of attention takes a mask of its own for every pair of tokens.
            self.config._attn_implementation = "eager"
            self.embeddings, self.encoder, self.pooler = (
                bert_model.embeddings,
                bert_model.encoder,
                bert_model.pooler,
            )

        def forward(
            self, input_ids: Any, attention_mask: Any, position_ids: Any, token_type_ids: Any
        ) -> dict[str, Any]:
            """
            Args:
                attention_mask: bool of shape (batch, tokens, tokens), True where a token may look at another.
            """
            embedded = self.embeddings(
                input_ids=input_ids, position_ids=position_ids, token_type_ids=token_type_ids
            )
            lowest = embedded.new_tensor(-1e9 if embedded.dtype.itemsize > 2 else -1e4)
            bias = embedded.new_zeros(()).where(attention_mask[:, None], lowest)
            return {"last_hidden_state": self.encoder(embedded, attention_mask=bias)[0]}

    return TextEncoder
