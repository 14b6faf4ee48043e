"""Who is evaluated, as the command line names it."""

import json
from pathlib import Path

import pytest

from vpd.errors import UserError
from vpd.evaluation.systems import read_source


def folder(path: Path, file: str) -> Path:
    path.mkdir(parents=True)
    (path / file).write_text("{}")
    return path


def test_a_hub_id(tmp_path: Path):
    assert read_source("Qwen/Qwen3-VL-4B-Instruct")[:3] == (
        "Qwen3-VL-4B-Instruct",
        "local",
        "Qwen/Qwen3-VL-4B-Instruct",
    )
    assert read_source("base=Qwen/Qwen3-VL-4B-Instruct").name == "base"


def test_a_folder_of_a_model_or_an_adapter(tmp_path: Path):
    model = folder(tmp_path / "tiny", "config.json")
    adapter = folder(tmp_path / "run" / "student" / "adapter", "adapter_config.json")
    assert read_source(str(model))[:3] == ("tiny", "local", str(model))
    # What `vpd finetune` leaves, by its own folder or by the adapter's.
    assert read_source(str(adapter.parent))[:3] == ("student", "local", str(adapter))
    assert read_source(str(adapter))[:3] == ("student", "local", str(adapter))


def test_a_run_is_its_programs(tmp_path: Path):
    run = folder(tmp_path / "photos", "recipe.yaml")
    assert read_source(str(run))[:3] == ("programs", "programs", str(run))
    assert read_source(f"teacher={run}").name == "teacher"


def test_an_endpoint_by_its_address_or_its_settings(tmp_path: Path):
    source = read_source("Qwen/Qwen3-VL-8B@http://localhost:8000/v1")
    assert (source.name, source.kind) == ("Qwen3-VL-8B", "endpoint")
    assert source.endpoint is not None
    assert (source.endpoint.model, source.endpoint.base_url) == (
        "Qwen/Qwen3-VL-8B",
        "http://localhost:8000/v1",
    )
    assert source.endpoint.api_key_env is None
    openai = read_source("gpt-5-mini@https://api.openai.com/v1").endpoint
    assert openai is not None
    assert openai.api_key_env == "OPENAI_API_KEY"

    path = tmp_path / "served.yaml"
    path.write_text(
        json.dumps({"model": "m", "base_url": "http://h/v1", "prices": {"input": 1, "output": 2}})
    )
    served = read_source(str(path))
    assert (served.name, served.where) == ("served", "m@http://h/v1")


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="there is no model or run at 'runs/student'"):
        read_source("runs/student")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("./nothing", "there is no model or run at './nothing'"),
        ("x=", "there is no model or run at ''"),
        ("a/b/c", "there is no model or run at 'a/b/c'"),
        ("gone.yaml", "cannot read gone.yaml"),
        ("m@http://user:secret@h/v1", "must hold no key or password"),
    ],
)
def test_what_is_none_of_these_is_said(text: str, complaint: str):
    with pytest.raises(UserError, match=complaint):
        read_source(text)


def test_settings_that_are_no_text_are_said(tmp_path: Path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("model: mod\xe8le".encode("latin-1"))
    with pytest.raises(UserError, match=r"latin\.yaml is not UTF-8 text"):
        read_source(str(path))


def test_a_folder_with_nothing_of_ours_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="holds neither a model .* nor an adapter .* nor a run"):
        read_source(str(tmp_path))
