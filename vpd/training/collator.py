"""Batches: items of rows become the padded tensors that a model's processor makes of their text and images."""

from collections.abc import Sequence
from math import ceil, floor
from pathlib import Path
from typing import Any

from PIL import Image

from vision_tools.decoding import open_image
from vision_tools.errors import ToolError
from vpd.errors import UserError
from vpd.records import ImageFile, TrainingRow, View
from vpd.training.items import Item, coefficients
from vpd.training.rendering import Rendered, render
from vpd.training.settings import TASKS, TaskWeights
from vpd.training.tokens import expansions, target_tokens

IGNORED = -100
"""The label of a token without loss, by torch's convention."""


class Collator:
    """Makes a batch of some items: what the model reads, and what each row counts."""

    def __init__(
        self,
        processor: Any,
        rows: Sequence[TrainingRow],
        items: Sequence[Item],
        weights: TaskWeights,
        image_root: Path,
        always_images: bool = False,
    ) -> None:
        """
        Args:
            processor: of an image-text-to-text model, with a fast tokenizer.
            rows: all training rows.
            items: which rows make one example.
            weights: of the loss's terms.
            image_root: what the rows' image names are relative to.
            always_images: put a blank image that counts nothing into batches without any. Processes that share
                a sharded model wait for each other at every layer, so none may leave out the vision encoder.
        """
        self._processor = processor
        self._rows = list(rows)  # whatever makes them: texts are remembered by the very rows
        self._items = items
        self._weights = weights
        self._image_root = image_root
        self._always_images = always_images
        self._texts: dict[int, Rendered] = {}
        self._numbers = {
            view: at for at, view in enumerate(dict.fromkeys(view for row in rows for view in row.images))
        }

    def __call__(self, features: Sequence[dict[str, int]]) -> dict[str, Any]:
        """
        Args:
            features: `{"item": position in items}` for each item of the batch.

        Returns:
            The processor's tensors, (sequences, positions) and the images', with `labels`, the token ids or -100;
            `coefficients`, (sequences,), whose weighted sum of sequence losses is the mean over the items;
            `tasks`, (sequences,), positions in `TASKS`; `shown`, (sequences,), how many images each shows; and
            `views`, (images,), which: equal numbers for equal images.

        Raises:
            UserError: a row cannot be rendered, an image cannot be read, or images and image tokens do not match.
        """
        import torch

        rows, factors = self._choose([feature["item"] for feature in features])
        rendered = [self._text(row) for row in rows]
        pictures: dict[View, Image.Image] = {}
        images = [[self._picture(view, pictures, row) for view in row.images] for row in rows]
        if self._always_images and not any(images):
            rows, factors = [*rows, _BLANK], [*factors, 0.0]
            rendered.append(render(self._processor, _BLANK))
            images.append([Image.new("RGB", (64, 64), "white")])
        inputs = self._process(rendered, images)
        labels = self._labels(inputs, rows, rendered)
        return {
            **inputs,
            "labels": labels,
            "coefficients": torch.tensor(factors) / len(features),
            "tasks": torch.tensor([TASKS.index(row.task) for row in rows]),
            "shown": torch.tensor([len(row.images) for row in rows]),
            "views": torch.tensor(
                [self._numbers.get(view, -1) for row in rows for view in row.images], dtype=torch.long
            ),
        }

    def _choose(self, items: Sequence[int]) -> tuple[list[TrainingRow], list[float]]:
        """The rows that count; if none does, one that does not, since a batch cannot be empty."""
        chosen: list[TrainingRow] = []
        factors: list[float] = []
        for item in items:
            rows = [self._rows[position] for position in self._items[item]]
            for row, factor in zip(rows, coefficients(rows, self._weights), strict=True):
                if factor > 0:
                    chosen.append(row)
                    factors.append(factor)
        return (chosen, factors) if chosen else ([self._rows[self._items[items[0]][0]]], [0.0])

    def _text(self, row: TrainingRow) -> Rendered:
        """Rendered once: a template takes longer than all else that is done to a text."""
        name = id(row)  # which is held as long as this lives, and nothing says that rows' own ids differ
        if name not in self._texts:
            self._texts[name] = render(self._processor, row)
        return self._texts[name]

    def _picture(self, view: View, known: dict[View, Image.Image], row: TrainingRow) -> Image.Image:
        if view not in known:
            try:
                image = open_image(self._image_root / view.image.path)
            except ToolError as error:
                raise UserError(f"training row {row.id}: {error}") from error
            if image.size != (view.image.width, view.image.height):
                raise UserError(
                    f"training row {row.id}: {view.image.path} has changed since the row was made; make it again"
                )
            known[view] = _crop(image, view)
        return known[view]

    def _process(self, rendered: Sequence[Rendered], images: Sequence[list[Image.Image]]) -> dict[str, Any]:
        bos = self._processor.tokenizer.bos_token
        return dict(
            self._processor(
                text=[each.text for each in rendered],
                images=images if any(images) else None,
                padding=True,
                padding_side="right",
                # As `apply_chat_template` does: a template that writes the first token needs none added.
                add_special_tokens=not (bos and rendered[0].text.startswith(bos)),
                return_tensors="pt",
                return_offsets_mapping=True,
                return_text_replacement_offsets=True,
            )
        )

    def _labels(
        self, inputs: dict[str, Any], rows: Sequence[TrainingRow], rendered: Sequence[Rendered]
    ) -> Any:
        import torch

        offsets = inputs.pop("offset_mapping").tolist()
        replaced = inputs.pop("text_replacement_offsets", None) or [[] for _ in rows]
        mask: list[list[bool]] = []
        for row, each, places, characters in zip(rows, rendered, replaced, offsets, strict=True):
            _check_images(row, each, places)
            mask.append(target_tokens(each, expansions(places), characters))
            if not any(mask[-1]):
                raise UserError(f"training row {row.id} leaves nothing to learn: all is masked; leave it out")
        return inputs["input_ids"].masked_fill(~torch.tensor(mask), IGNORED)


def _check_images(row: TrainingRow, rendered: Rendered, places: Sequence[dict[str, Any]]) -> None:
    """Every image of the row became image tokens where its placeholder stood, and nothing else did."""
    found = [rendered.text[slice(*place["span"])] == place["text"] for place in places]
    if not all(found) or len(found) != len(row.images):
        raise UserError(
            f"training row {row.id} shows {len(row.images)} images, but the model's processor does not say where "
            "their image tokens stand, so the loss cannot be placed; choose a model whose processor reports "
            "text_replacement_offsets, or update transformers"
        )


def _crop(image: Image.Image, view: View) -> Image.Image:
    """The view's box in whole pixels: rounded outwards, at least one pixel, inside the image."""
    if view.box is None:
        return image
    left, top = (min(max(0, floor(at)), size - 1) for at, size in zip(view.box[:2], image.size, strict=True))
    right, bottom = (min(ceil(at), size) for at, size in zip(view.box[2:], image.size, strict=True))
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


_BLANK = TrainingRow(
    id="blank",
    example_id="blank",
    task="label",
    messages=[{"role": "user", "content": [{"type": "image"}]}, {"role": "assistant", "content": "."}],
    images=(View(image=ImageFile(path="", sha256="", width=64, height=64)),),
)
