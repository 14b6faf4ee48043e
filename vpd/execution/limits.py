"""How much a program may use before it is stopped."""

from pydantic import Field

from vpd.settings import Settings


class Limits(Settings):
    """The limits of one program. Waiting for tools is not counted against `seconds`."""

    seconds: float = Field(default=2.0, gt=0)
    """Time the program itself may compute; its status is then `timeout`."""
    total_seconds: float = Field(default=300.0, gt=0)
    """Time from start to end, waiting for tools included; its status is then `timeout`."""
    memory_mb: int = Field(default=128, ge=8)
    """Size of the program's heap; its status is then `memory`."""
    recursion: int = Field(default=1000, ge=10, le=1000)
    """Depth of nested calls; its status is then `memory`."""
    tool_calls: int = Field(default=1000, ge=1)
    """Number of calls that reach a tool; its status is then `timeout`."""
    program_chars: int = Field(default=20_000, ge=1)
    """Length of a program's text; longer ones are `rejected`."""
    output_chars: int = Field(default=10_000, ge=1)
    """Length of the answer, and of all that the program prints; its status is then `memory`."""
    trace_steps: int = Field(default=400, ge=0)
    """Steps kept in the trace, the first ones; the rest are counted."""
    trace_value_chars: int = Field(default=2_000, ge=16)
    """Length of one value in the trace, as JSON; longer ones are shortened."""
