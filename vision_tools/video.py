"""Frames of a video file, evenly spread over its length."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from vision_tools.errors import ToolError
from vision_tools.packages import require


class Frame(NamedTuple):
    seconds: float
    """Its place in the video."""
    image: Image.Image
    """RGB and upright."""


def sample_frames(file: str | Path, count: int = 16) -> list[Frame]:
    """The frames shown in the middle of each of `count` equal parts of the video, in time order.

    A video of fewer frames gives each of its frames once.

    Raises:
        ToolUnavailable: PyAV is not installed.
        ToolError: the file cannot be decoded, or holds no video.
    """
    if count < 1:
        raise ToolError(f"{count} frames cannot be sampled; ask for at least one")
    av = require("av", extra="models", user="reading videos")
    if not Path(file).is_file():
        raise ToolError(f"there is no video {file}")
    try:
        with av.open(str(file)) as container:
            if not container.streams.video:
                raise ToolError(f"{file} holds no video")
            frames = list(_at_times(container, count))
    except av.FFmpegError as error:
        raise ToolError(f"{file} cannot be decoded: {error.strerror or error}") from error
    if not frames:
        raise ToolError(f"{file} holds no frames")
    return frames


def _at_times(container: Any, count: int) -> Iterator[Frame]:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    start = float((stream.start_time or 0) * stream.time_base)
    length = _seconds(container, stream)
    last: float | None = None
    for part in range(count):
        wanted = start + (part + 0.5) * length / count
        frame = _shown_at(container, stream, wanted)
        if frame is not None and frame.time != last:
            last = frame.time
            yield Frame(round(frame.time - start, 3), _upright(frame))


def _seconds(container: Any, stream: Any) -> float:
    """The length of the video; where the file does not state it, by going through it."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if container.duration:
        return container.duration / 1_000_000
    times = [frame.time for frame in container.decode(stream) if frame.time is not None]
    return max(times, default=0.0)


def _shown_at(container: Any, stream: Any, seconds: float) -> Any:
    """The last frame that begins no later than `seconds`; the first one if all begin later."""
    container.seek(int(seconds / stream.time_base), stream=stream, backward=True)
    shown = None
    for frame in container.decode(stream):
        if frame.time is None:
            continue
        if shown is not None and frame.time > seconds:
            break
        shown = frame
    return shown


def _upright(frame: Any) -> Image.Image:
    """Phones record sideways and note by how much to turn the picture, counter-clockwise."""
    return frame.to_image().convert("RGB").rotate(frame.rotation, expand=True)
