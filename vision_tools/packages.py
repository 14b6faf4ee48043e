"""Optional packages: import one, or say in one sentence how to install it."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from vision_tools.errors import ToolUnavailable


def require(module: str, *, extra: str, user: str) -> Any:
    """Import `module`.

    Args:
        extra: the extra of this project that installs it.
        user: what needs it, for the message.

    Raises:
        ToolUnavailable: it is not installed; says what to type.
    """
    try:
        return import_module(module)
    except ImportError as error:
        missing = error.name or module
        raise ToolUnavailable(f"{user} needs the package {missing!r}: pip install 'vpd[{extra}]'") from error


def require_onnxruntime(user: str) -> Any:
    """Import onnxruntime with its telemetry off, which reports sessions and writes to the home folder."""
    with environment({"ORT_DISABLE_TELEMETRY": "1"}):
        return require("onnxruntime", extra="models", user=user)


@contextmanager
def environment(variables: Mapping[str, str], restore: tuple[str, ...] = ()) -> Generator[None]:
    """Set environment variables for the time of an import, and undo what it does to those in `restore`."""
    before = {name: os.environ.get(name) for name in (*variables, *restore)}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
