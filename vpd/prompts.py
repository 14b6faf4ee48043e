"""Every prompt is a Jinja2 template in `prompts/`; what is put into it is text, never a template."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vpd.resources import resource


def render(name: str, /, **values: object) -> str:
    """Fill the template `name`.

    Raises:
        jinja2.UndefinedError: the template asks for a value that was not given.
    """
    return _environment().get_template(name).render(**values).strip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resource("prompts")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - prompts are plain text
    )
