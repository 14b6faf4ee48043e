"""A vision encoder that sees each image once.

The rows of one example show the same image, and an encoder that does not learn makes the same of it in every epoch.
Such an encoder stays as it is, but for its `forward`: what it made of an image is handed out again wherever that
image is shown again. Encoders are served that look at each image by itself, and are given images in one of the two
ways that `_Given` knows; others run as they always did.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

Made = list[Any]
"""What an encoder made of one image: its piece of each tensor of the output."""


class Seeing:
    """Stands in for the `forward` of a vision encoder."""

    def __init__(self, encoder: Any, remembered: float) -> None:
        """
        Args:
            encoder: a module of transformers.
            remembered: gigabytes of main memory for what an encoder makes that does not learn.
        """
        self._forward: Callable[..., Any] = encoder.forward
        self._fixed = _is_fixed(encoder)
        self._unfit = False
        """Whether its output was found to be of a form in which images cannot be told apart."""
        self._free = remembered * 1e9
        self._kept: dict[int, Made] = {}
        self._batch: dict[int, Made] = {}
        self._views: Sequence[int] = ()
        self._form: Any = None
        """An output of the encoder with `_PLACE` for each tensor."""
        encoder.forward = self._see

    @contextmanager
    def batch(self) -> Generator[None]:
        """While one batch is computed, whose parts may show the same images."""
        try:
            yield
        finally:
            self._batch, self._views = {}, ()

    def show(self, views: Sequence[int]) -> None:
        """Say which images the encoder is given next: equal numbers for equal images."""
        self._views = views

    def _see(self, *arguments: Any, **options: Any) -> Any:
        import torch

        views, self._views = self._views, ()
        given = _read(arguments, options, len(views))
        if given is None or self._unfit:
            return self._forward(*arguments, **options)
        new: dict[int, int] = {}
        for at, view in enumerate(views):
            if view not in self._kept and view not in self._batch:
                new.setdefault(view, at)
        # An encoder that does not learn is shown one image at a time: what it makes then hangs on no other image, so
        # that a run that is resumed is the unbroken one.
        chunks = [[view] for view in new] if self._fixed else [list(new)] if new else []
        for chunk in chunks:
            if not self._look(chunk, given.only([new[view] for view in chunk])):
                self._unfit = True
                return self._forward(*arguments, **options)
        made = [self._kept[view] if view in self._kept else self._batch[view] for view in views]
        tensors = iter(
            [torch.cat([piece.to(given.device) for piece in pieces]) for pieces in zip(*made, strict=True)]
        )
        return _replaced(self._form, lambda _: next(tensors))

    def _look(self, views: Sequence[int], given: "_Given") -> bool:
        """Show the encoder images, and keep what it makes of each; False where that cannot be told apart."""
        output = self._forward(*given.arguments, **given.options)
        tensors: list[Any] = []
        self._form = _replaced(output, lambda tensor: (tensors.append(tensor), _PLACE)[1])
        cut = [_pieces(tensor, given.sizes) for tensor in tensors]
        if not all(cut):
            return False
        for at, view in enumerate(views):
            self._keep(view, [pieces[at] for pieces in cut if pieces])
        return True

    def _keep(self, view: int, made: Made) -> None:
        size = sum(piece.numel() * piece.element_size() for piece in made)
        if self._fixed and size <= self._free:
            self._free -= size
            self._kept[view] = [piece.detach().cpu() for piece in made]
        else:
            self._batch[view] = made


class _Given(NamedTuple):
    """What an encoder was given: one tensor along whose first dimension the images lie."""

    arguments: tuple[Any, ...]
    options: dict[str, Any]
    sizes: list[int]
    """Each image's share of the first dimension: 1, or with `grid_thw` the number of its patches."""
    device: Any

    def only(self, images: Sequence[int]) -> "_Given":
        """The same with these images alone."""
        import torch

        def chosen(value: Any) -> Any:
            if not isinstance(value, torch.Tensor):
                return value
            if len(value) == len(self.sizes):
                return value[list(images)]
            pieces = value.split(self.sizes)
            return torch.cat([pieces[image] for image in images])

        return _Given(
            tuple(chosen(value) for value in self.arguments),
            {name: chosen(value) for name, value in self.options.items()},
            [self.sizes[image] for image in images],
            self.device,
        )


def _read(arguments: tuple[Any, ...], options: dict[str, Any], images: int) -> _Given | None:
    """None for what holds other images than were announced, or is of another form."""
    import torch

    grid = options.get("grid_thw")
    others = [
        value
        for value in (*arguments, *options.values())
        if isinstance(value, torch.Tensor) and value is not grid
    ]
    if len(others) != 1 or not images:
        return None
    sizes = [1] * images if grid is None else grid.prod(dim=1).tolist()
    fits = len(sizes) == images and sum(sizes) == len(others[0])
    return _Given(arguments, options, sizes, others[0].device) if fits else None


def _is_fixed(encoder: Any) -> bool:
    """Whether it makes the same of an image each time, whatever stands beside it."""
    from torch import nn

    learns = any(weight.requires_grad for weight in encoder.parameters())
    chance = any(
        (isinstance(each, nn.Dropout) and each.p > 0)
        or getattr(each, "drop_prob", 0)  # stochastic depth, as the library's models spell it
        or isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.SyncBatchNorm)
        for each in encoder.modules()
    )
    rates = ("attention_dropout", "drop_path_rate")
    return not learns and not chance and not any(getattr(encoder.config, rate, 0) for rate in rates)


def _pieces(tensor: Any, sizes: Sequence[int]) -> Sequence[Any] | None:
    """A tensor of the output cut into what belongs to each image: an encoder may merge equally many patches."""
    merged, rest = divmod(sum(sizes), len(tensor))
    if rest or any(size % merged for size in sizes):
        return None
    return tensor.split([size // merged for size in sizes])


_PLACE = object()


def _replaced(output: Any, made: Callable[[Any], Any]) -> Any:
    """The output with what is made of each tensor or `_PLACE` in its place."""
    import torch

    if output is _PLACE or isinstance(output, torch.Tensor):
        return made(output)
    if isinstance(output, Mapping):
        parts: dict[str, Any] = {name: _replaced(each, made) for name, each in output.items()}  # pyright: ignore
        return type(output)(**parts)  # pyright: ignore
    if isinstance(output, tuple | list):
        return type(output)([_replaced(each, made) for each in output])  # pyright: ignore
    return output
