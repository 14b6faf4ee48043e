"""Processes of their own that start with the libraries imported: one imports them, and forks for each.

Importing them takes twenty seconds of computing; a process that has not computed yet can fork safely.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
# What takes long to import; a server that another test started has imported other things.
_CONTEXT.set_forkserver_preload(
    [
        "datasets",
        "peft",
        "transformers.models.qwen3_vl.modeling_qwen3_vl",
        "transformers.models.qwen3_vl.processing_qwen3_vl",
        "transformers.trainer",
    ]
)


def start(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """Run a function of a module in a process of its own."""
    process = _CONTEXT.Process(target=target, args=arguments)
    process.start()
    return process
