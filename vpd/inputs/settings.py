"""The recipe's part on data."""

from pathlib import Path

from pydantic import Field

from vpd.settings import Settings


class DataSettings(Settings):
    """What is asked about. Paths are relative to the recipe."""

    questions: Path
    """JSONL: `{id, image or images, question, answer or answers, answer_type, choices, source, video}`."""
    images: Path
    """The folder that image names are relative to."""
    annotations: Path | None = None
    """JSONL of known objects, `{image, width, height, objects}`, for the `annotations` tools."""
    candidates: Path | None = None
    """JSONL of programs, `{example_id or question, programs}`, where they come from elsewhere."""
    shard_size: int = Field(default=64, ge=1)
    """Questions per shard: what is committed, and redone after a crash, as one."""
