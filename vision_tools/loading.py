"""Models of the Hugging Face hub: found, loaded when first needed, shared by every tool that uses them."""

import hashlib
import threading
import weakref
from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vision_tools.errors import ToolUnavailable
from vision_tools.packages import require

_DTYPES = ("float32", "float16", "bfloat16")

_lock = threading.Lock()
_shared: weakref.WeakValueDictionary[Hashable, Any] = weakref.WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model comes from and how it is held."""

    model: str
    """A model's name on the hub, or a local folder."""
    revision: str | None = None
    """A branch, tag or commit of the hub."""
    device: str = "cpu"
    """As torch names it, e.g. `cuda:0`."""
    dtype: str = "float32"
    """`float32`, `float16` or `bfloat16`."""

    def __post_init__(self) -> None:
        if self.dtype not in _DTYPES:
            raise ToolUnavailable(f"there is no dtype {self.dtype!r}; use one of {', '.join(_DTYPES)}")

    @property
    def identity(self) -> str:
        """The model's content and precision: the commit of a hub model, the files' hash of a local one.

        Raises:
            ToolUnavailable: there is no such model.
        """
        library = f"transformers {version('transformers')}"
        return f"{_content(self.model, self.revision)} {self.dtype} {library}"


def shared(key: Hashable, load: Callable[[], Any]) -> Any:
    """What `load` gives, loaded once for all who ask by this key while one of them holds it."""
    with _lock:
        model = _shared.get(key)
        if model is None:
            model = _shared[key] = load()
        return model


def load_model(weights: Weights, auto_class: str) -> Any:
    """The model, in evaluation mode on its device, shared by all who ask for it.

    Args:
        auto_class: the class of transformers to load it with, e.g. `AutoModelForDepthEstimation`.

    Raises:
        ToolUnavailable: transformers is not installed, or the model cannot be loaded.
    """

    def load() -> Any:
        torch = require("torch", extra="models", user=f"the model {weights.model}")
        model = _from_pretrained(auto_class, weights, dtype=getattr(torch, weights.dtype))
        return on_device(model, weights.device)

    return shared((auto_class, weights), load)


def on_device(model: Any, device: str) -> Any:
    """The model on its device, in evaluation mode.

    Raises:
        ToolUnavailable: there is no such device here.
    """
    try:
        return model.to(device).eval()
    except Exception as error:
        raise ToolUnavailable(f"cannot use the device {device!r}: {_first_line(error)}") from error


def load_processor(weights: Weights, auto_class: str = "AutoProcessor", **settings: Any) -> Any:
    """The model's own tokenizer or image processor."""
    return _from_pretrained(auto_class, weights, **settings)


def _from_pretrained(auto_class: str, weights: Weights, **settings: Any) -> Any:
    transformers = require("transformers", extra="models", user=f"the model {weights.model}")
    try:
        with _quiet(transformers.utils.logging):
            return getattr(transformers, auto_class).from_pretrained(
                weights.model, revision=weights.revision, trust_remote_code=False, **settings
            )
    except ImportError as error:
        raise ToolUnavailable(f"{weights.model} needs another package: {_first_line(error)}") from error
    except Exception as error:
        raise ToolUnavailable(_cannot_load(weights.model, error)) from error


@contextmanager
def _quiet(logging: Any) -> Generator[None]:
    """Without progress bars and reports: several tools load at once, and the terminal is the caller's."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


@lru_cache(maxsize=256)
def _content(model: str, revision: str | None) -> str:
    folder = Path(model)
    if folder.is_dir():
        digest = hashlib.sha256()
        for name, file in sorted(_files(folder)):
            digest.update(name.encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return f"sha256={digest.hexdigest()}"
    hub = require("huggingface_hub", extra="models", user=f"the model {model}")
    try:
        config = Path(hub.hf_hub_download(model, "config.json", revision=revision))
    except Exception as error:
        raise ToolUnavailable(_cannot_load(model, error)) from error
    return f"{model}@{config.parent.name}"  # .../snapshots/<commit>/config.json


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file


def _cannot_load(model: str, error: Exception) -> str:
    if model.startswith((".", "/", "~")) or model.count("/") > 1:
        return f"there is no model folder {model}, or it is not complete: {_first_line(error)}"
    return (
        f"cannot load the model {model!r}: {_first_line(error)}; give a local folder, or download it "
        f"with: hf download {model}"
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
