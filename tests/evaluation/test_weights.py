"""What a local model is known by, and what is said where it cannot be loaded or always fails."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from vpd.errors import UserError
from vpd.evaluation.answering.local import LocalModel
from vpd.evaluation.answering.model import Ask, Failure, Pixels, Reply
from vpd.evaluation.answering.weights import LocalSettings, identity, load

pytest.importorskip("transformers")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors", "merges.txt", "tokenizer.json"])
def test_a_model_whose_files_change_is_another_one(tmp_path: Path, name: str):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / name).write_text("one")
    before = identity(LocalSettings(str(tmp_path)))
    (tmp_path / "README.md").write_text("of no matter")
    assert identity(LocalSettings(str(tmp_path))) == before
    (tmp_path / name).write_text("two")
    assert identity(LocalSettings(str(tmp_path))) != before


def test_auto_is_the_type_that_it_means():
    auto, plain, half = (
        identity(LocalSettings("a/b", device="cpu", dtype=each)) for each in ("auto", "float32", "bfloat16")
    )
    assert auto == plain
    assert auto != half


@pytest.mark.parametrize("text", ["{}", "[]", "nonsense"])
def test_an_adapter_without_a_base_is_said(tmp_path: Path, text: str):
    (tmp_path / "adapter_config.json").write_text(text)
    for known in (identity, load):
        with pytest.raises(UserError, match=r"adapter_config\.json (does not say|is not JSON)"):
            known(LocalSettings(str(tmp_path), device="cpu"))


def test_an_unknown_type_is_said():
    for known in (identity, load):
        with pytest.raises(UserError, match="--dtype foo: there are auto, float32"):
            known(LocalSettings("a/b", dtype="foo"))


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ran = tmp_path / "ran"
    (tmp_path / "code.py").write_text(f"open({str(ran)!r}, 'w').close()\nclass C: pass\n")
    config = {"model_type": "its-own", "auto_map": {"AutoConfig": "code.C"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr("builtins.input", lambda _="": "y")  # to whoever asks whether it may
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    with pytest.raises(UserError, match="cannot load the model"):
        load(LocalSettings(str(tmp_path), device="cpu"))
    assert not ran.exists()


def replies(monkeypatch: pytest.MonkeyPatch, made: list[Reply | Exception], size: int = 1) -> list[Reply]:
    """What comes of as many questions, where the model replies or raises so, the last question first."""
    waiting = iter(made)

    def generate(self: LocalModel, asks: Sequence[Ask], max_tokens: int) -> list[Reply]:
        if len(asks) > 1:
            raise RuntimeError("out of memory")
        outcome = next(waiting)
        if isinstance(outcome, Exception):
            raise outcome
        return [outcome]

    monkeypatch.setattr(LocalModel, "_generate", generate)
    model = LocalModel(LocalSettings("a/b", batch_size=size), Pixels(Path()))
    return asyncio.run(model.replies([Ask([], ())] * len(made), 8))


def test_where_memory_runs_out_for_one_question_a_later_run_asks_again(monkeypatch: pytest.MonkeyPatch):
    found = replies(monkeypatch, [Reply("a"), RuntimeError("CUDA out of memory. Tried 3 GiB"), Reply("b")], 3)
    assert [reply.failure and reply.failure.status for reply in found] == [None, "no_reply", None]


def test_a_question_that_fails_alone_costs_itself_alone(monkeypatch: pytest.MonkeyPatch):
    found = replies(monkeypatch, [ValueError("odd"), Reply("a"), ValueError("odd"), ValueError("odd")])
    odd = Failure("error", "odd")
    assert [reply.failure for reply in found] == [odd, odd, None, odd]


@pytest.mark.parametrize("error", [ValueError("a wrong shape"), RuntimeError("out of memory")])
def test_where_every_question_fails_alike_the_model_is_at_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception
):
    with pytest.raises(UserError, match="a/b fails on every question: (a wrong shape|memory runs out)"):
        replies(monkeypatch, [error] * 4)
