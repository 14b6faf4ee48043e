"""The part of a recipe that chooses a language model."""

import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from vpd.language_models.errors import AuthenticationError
from vpd.language_models.settings import (
    LanguageModelSettings,
    OpenAISettings,
    TransformersSettings,
    create,
)

_recipe: TypeAdapter[OpenAISettings | TransformersSettings] = TypeAdapter(LanguageModelSettings)


@pytest.mark.parametrize(
    ("provider", "kind"), [("openai", OpenAISettings), ("transformers", TransformersSettings)]
)
def test_the_provider_decides_which_settings_there_are(provider, kind):
    assert type(_recipe.validate_python({"provider": provider, "model": "m"})) is kind


@pytest.mark.parametrize(
    "values",
    [
        {"provider": "openai", "model": "m", "temprature": 1},
        {"provider": "transformers", "model": "m", "base_url": "http://host/v1"},
        {"provider": "else", "model": "m"},
        {"provider": "openai", "model": "m", "prices": {"input": -1, "output": 1}},
    ],
)
def test_what_a_provider_does_not_know_is_refused(values):
    with pytest.raises(ValidationError):
        _recipe.validate_python(values)


def test_a_missing_key_is_asked_for_by_name(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(AuthenticationError, match="NO_SUCH_KEY"):
        create(OpenAISettings(model="m", api_key_env="NO_SUCH_KEY"))


@pytest.mark.parametrize("url", ["localhost:8000", "http://me:secret@host/v1", "https://host/v1?key=secret"])
def test_a_base_url_with_anything_secret_in_it_is_refused(url):
    with pytest.raises(ValidationError, match="base_url") as caught:
        OpenAISettings(model="m", base_url=url)
    assert "secret" not in str(caught.value)


def test_reading_settings_loads_no_client_and_no_model_library():
    code = (
        "import sys, vpd.language_models.settings, vpd.language_models.cached;"
        "print(*{'openai', 'torch', 'transformers', 'tenacity', 'aiohttp', 'PIL'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
