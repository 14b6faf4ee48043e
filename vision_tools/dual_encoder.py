"""Image-text similarity from two encoders with one embedding space, as in CLIP."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.crops import large_enough, with_margin
from vision_tools.roles import TextsQuery

REMEMBERED_TEXTS = 4096
"""How many texts' embeddings are kept: programs ask the same few of every image."""


class DualEncoder:
    """Cosine similarities, each region and each text encoded once for all the queries that share it."""

    def __init__(
        self,
        encode_images: Callable[[Sequence[Image.Image]], Any],
        encode_texts: Callable[[Sequence[str]], Any],
        *,
        margin: int,
        batcher: Batcher,
    ) -> None:
        """
        Args:
            encode_images: images to a tensor of shape (images, dimensions).
            encode_texts: texts to a tensor of shape (texts, dimensions).
            margin: pixels around a region that are shown with it.
        """
        self._encode_images, self._encode_texts = encode_images, encode_texts
        self._margin, self._batcher = margin, batcher
        self._texts: OrderedDict[str, Any] = OrderedDict()

    def score(self, queries: Sequence[TextsQuery]) -> list[list[float]]:
        regions = list(dict.fromkeys(query.region for query in queries))
        images = [large_enough(with_margin(region, self._margin)) for region in regions]
        seen = dict(zip(regions, self._embedded(self._encode_images, images), strict=True))
        self._learn(list(dict.fromkeys(text for query in queries for text in query.texts)))
        scores = [
            [round(float(seen[query.region] @ self._texts[text]), 6) for text in query.texts]
            for query in queries
        ]
        while len(self._texts) > REMEMBERED_TEXTS:
            self._texts.popitem(last=False)
        return scores

    def _learn(self, texts: Sequence[str]) -> None:
        new = [text for text in texts if text not in self._texts]
        self._texts.update(zip(new, self._embedded(self._encode_texts, new), strict=True))
        for text in texts:
            self._texts.move_to_end(text)

    def _embedded(self, encode: Callable[[Sequence[Any]], Any], inputs: Sequence[Any]) -> list[Any]:
        """Unit vectors on the processor."""
        import torch

        def forward(chunk: Sequence[Any]) -> list[Any]:
            with torch.inference_mode():
                return list(torch.nn.functional.normalize(encode(chunk).float(), dim=-1).cpu())

        return self._batcher.run(inputs, forward)
