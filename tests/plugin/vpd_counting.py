"""A third party's tools for tests: a slow detector that writes down every call, and one that looks at pixels."""

import json
import os
import time
from collections.abc import Sequence

from vision_tools.annotations import Annotations
from vision_tools.roles import AnswerQuery, AttributeQuery, Detection, NameQuery


class Counting:
    identity = "counting"
    batch_size = 8

    def __init__(self, annotations: str, images: str, seconds: float = 0.01) -> None:
        self._inner = Annotations(annotations, images)
        self._log = os.open(os.environ["VPD_COUNTING_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._seconds = seconds

    def detect(self, queries: Sequence[NameQuery]) -> Sequence[Sequence[Detection]]:
        self._write("detector", queries)
        return self._inner.detect(queries)

    def verify(self, queries: Sequence[AttributeQuery]) -> Sequence[bool]:
        self._write("attributes", queries)
        return self._inner.verify(queries)

    def _write(self, service: str, queries: Sequence[NameQuery] | Sequence[AttributeQuery]) -> None:
        lines = (
            json.dumps([service, q.region.picture.sha256, q.region.box, list(q[1:])]) + "\n" for q in queries
        )
        os.write(self._log, "".join(lines).encode())
        time.sleep(self._seconds)


class Brightness:
    """Says whether a region is bright or dark."""

    identity = "brightness"
    batch_size = 8

    def answer(self, queries: Sequence[AnswerQuery]) -> Sequence[str]:
        means = [query.region.crop().convert("L").resize((1, 1)).getpixel((0, 0)) for query in queries]
        return ["bright" if mean > 127 else "dark" for mean in means]
