"""A text reader: the program tesseract."""

import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cached_property

from vision_tools.boxes import clipped
from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.reading_order import in_reading_order
from vision_tools.regions import Box, Region
from vision_tools.roles import TextLine

_WORD = "5"
"""The level of a word in tesseract's table."""


class Tesseract:
    """Lines of text as tesseract finds and reads them."""

    def __init__(
        self,
        *,
        languages: str = "eng",
        page_segmentation: int = 3,
        confidence: float = 0.5,
        threads: int = 1,
        timeout: float = 120.0,
    ) -> None:
        """
        Args:
            languages: as tesseract names them, e.g. `eng+deu`.
            page_segmentation: tesseract's `--psm`: 3 finds the layout by itself, 6 takes the region for one
                block of text, 7 for one line, 11 looks for text anywhere.
            confidence: words read with less are left out.
            threads: processor threads.
            timeout: seconds for one region.

        Raises:
            ToolUnavailable: tesseract or a language is not installed.
        """
        program = shutil.which("tesseract")
        if program is None:
            raise ToolUnavailable(
                "the reader 'tesseract' needs the program tesseract: apt install tesseract-ocr, or "
                "brew install tesseract"
            )
        self._program = program
        self._languages, self._page_segmentation = languages, page_segmentation
        self._confidence, self._threads, self._timeout = confidence, threads, timeout
        missing = sorted(set(languages.split("+")) - set(self._run("--list-langs").split()))
        if missing:
            raise ToolUnavailable(
                f"tesseract has no language {missing[0]!r}: apt install tesseract-ocr-{missing[0]}"
            )

    @cached_property
    def identity(self) -> str:
        version = self._run("--version").splitlines()[0]
        return (
            f"{version} languages={self._languages} page_segmentation={self._page_segmentation} "
            f"confidence={self._confidence}"
        )

    @property
    def batch_size(self) -> int:
        """1: the program reads one image at a time."""
        return 1

    def read(self, regions: Sequence[Region]) -> list[list[TextLine]]:
        """
        Raises:
            ToolError: tesseract failed, or took too long.
        """
        return [self._read(region) for region in regions]

    def _read(self, region: Region) -> list[TextLine]:
        if min(region.size) < 1:
            return []
        image = io.BytesIO()
        region.crop().save(image, "PPM")
        table = self._run(
            "stdin", "stdout", "-l", self._languages, "--psm", str(self._page_segmentation), "tsv",
            image=image.getvalue(),
        )  # fmt: skip
        lines: dict[tuple[str, ...], list[TextLine]] = {}
        for row in table.splitlines()[1:]:
            level, *place, left, top, width, height, confidence, text = row.split("\t", 11)
            score = float(confidence) / 100
            if level == _WORD and text.strip() and score >= self._confidence:
                x, y = float(left), float(top)
                box = clipped(Box(x, y, x + float(width), y + float(height)), *region.size)
                lines.setdefault(tuple(place[:4]), []).append(TextLine(text.strip(), box, score))
        return in_reading_order(_joined(words) for words in lines.values())

    def _run(self, *arguments: str, image: bytes | None = None) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program, arguments of the recipe's
                [self._program, *arguments],
                input=image,
                capture_output=True,
                timeout=self._timeout,
                env={**os.environ, "OMP_THREAD_LIMIT": str(self._threads)},
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise ToolError(f"tesseract took longer than {self._timeout} s") from error
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise ToolError(f"tesseract failed: {reason[-1]}") from error
        return done.stdout.decode(errors="replace")


def _joined(words: Sequence[TextLine]) -> TextLine:
    """A line of its words, in the order tesseract read them."""
    boxes = [word.box for word in words]
    around = Box(
        min(box.x1 for box in boxes),
        min(box.y1 for box in boxes),
        max(box.x2 for box in boxes),
        max(box.y2 for box in boxes),
    )
    return TextLine(" ".join(w.text for w in words), around, sum(w.score for w in words) / len(words))
