"""What a tool did during a run."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class ToolStatistics:
    calls: int = 0
    """Calls by programs, however they were answered."""
    cache_hits: int = 0
    shared: int = 0
    """Calls that joined an identical one in flight."""
    batches: int = 0
    batched_calls: int = 0
    """Calls that reached the tool, counted again where a failed batch was retried."""
    failures: int = 0
    seconds: float = 0.0
    """Time that the tool spent on its batches."""

    def add_batch(self, calls: int, seconds: float) -> None:
        self.batches += 1
        self.batched_calls += calls
        self.seconds += seconds

    @property
    def mean_batch(self) -> float:
        return self.batched_calls / self.batches if self.batches else 0.0

    def as_dict(self) -> dict[str, float]:
        return asdict(self)
