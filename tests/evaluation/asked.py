"""A server that replies by what a prompt says, and the shortest way to its scores."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.language_models.server import Answer, Exchange, Server, reply
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder
from vpd.evaluation.loading import Asked, read_questions
from vpd.evaluation.systems import Source
from vpd.language_models.settings import OpenAISettings
from vpd.pipeline.evaluate import AnswerSettings, System, predict
from vpd.pipeline.evaluate_scores import BenchmarkScores, score_benchmark


def prompt(exchange: Exchange) -> str:
    """The text of the last message."""
    content = exchange.body["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def replier(replies: Mapping[str, str], **answer: Any) -> Server:
    """A server that gives the first reply whose key stands in the prompt."""

    def script(exchange: Exchange) -> Answer:
        text = prompt(exchange)
        return reply(next(said for part, said in replies.items() if part in text), **answer)

    return Server(script)


def endpoint(server: Server, name: str = "endpoint", model: str = "m") -> Source:
    settings = OpenAISettings(model=model, base_url=server.url, api_key_env=None, max_attempts=2, timeout=5)
    return Source(name, "endpoint", f"{model}@{server.url}", settings)


def evaluate(
    root: Path,
    asked: Asked,
    *systems: System,
) -> BenchmarkScores:
    """Read the questions, let every system answer, and score them."""
    evaluation = EvaluationFolder(root)
    folder = read(root, asked)
    for system in systems:
        predict(evaluation, folder, system, root / "responses.sqlite")
    return score_benchmark(evaluation, folder)


def read(root: Path, asked: Asked) -> BenchmarkFolder:
    folder = EvaluationFolder(root).benchmark(asked.benchmark.name)
    root.mkdir(parents=True, exist_ok=True)
    read_questions(asked, folder)
    return folder


def directly(source: Source, **settings: Any) -> System:
    return System(source, "direct", AnswerSettings(**settings))


def definition(**values: Any) -> Benchmark:
    """A benchmark of one's own."""
    return Benchmark.model_validate({"name": "own", "title": "Own", "metric": "same_answer"} | values)
