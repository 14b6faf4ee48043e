"""`vpd verify`."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any, cast, get_args

import yaml

from vision_tools import registry
from vision_tools.errors import ToolUnavailable
from vpd.commands.caches import tool_cache
from vpd.commands.terminal import print_table
from vpd.errors import UserError
from vpd.log import Log
from vpd.recipe import Recipe, load_recipe, parse_recipe
from vpd.records import Status
from vpd.store import Run, together


def run_verify(
    recipe: Path | None,
    sources: Mapping[str, Path | None],
    tools: Sequence[str],
    out: Path | None,
    limit: int | None,
    retry: str,
    cache: Path | None,
    dry_run: bool,
) -> None:
    settings = _recipe(recipe, sources, tools)
    statuses = _statuses(retry)
    if out is None:
        if recipe is None:
            raise UserError("say where the run is kept: --out DIR")
        out = Path("runs") / recipe.stem
    verify_recipe(settings, Run(out), cache, limit, statuses, dry_run)


def verify_recipe(
    recipe: Recipe,
    run: Run,
    cache: Path | None = None,
    limit: int | None = None,
    retry: Sequence[Status] = (),
    dry_run: bool = False,
) -> None:
    """Verify what a recipe says, and print how accurate its programs are."""
    from vpd.pipeline.inputs import read_inputs
    from vpd.pipeline.rounds import pending, verify
    from vpd.reporting.accuracy import accuracy
    from vpd.reporting.rows import questions

    with run.lock():
        freeze(recipe, run)
        read_inputs(recipe, run, limit)
        if dry_run:
            todo, programs = pending(recipe, run)
            print(f"{todo} of {programs} programs would be run; nothing was run")
            return
        verify(recipe, run, tool_cache(cache), retry)
    print_table(accuracy(questions(run), tool_names(recipe)))
    for line in missing(run):
        print(line)
    print(
        f"\n{run.root}: `vpd report {run.root}` shows every program, `vpd export {run.root} verdicts` prints them"
    )


def missing(run: Run) -> list[str]:
    """What a run lacked, a sentence each: images, programs, tools."""
    unreadable: list[str] = []
    without_program = 0
    without_tool: Counter[str] = Counter()
    for shard in range(len(run.examples)):
        programs = together([run.candidates], shard)
        for example in run.examples.read(shard):
            without_program += example.id not in programs
            unreadable += [example.problem] if example.problem is not None else []
        for execution in run.executions.read(shard):
            if execution.error is not None and (found := _NO_TOOL.search(execution.error.message)):
                without_tool[found[1]] += 1
    lines: list[str] = []
    if unreadable:
        lines.append(f"{len(unreadable)} questions cannot be asked: {unreadable[0]}, for one")
    if without_program:
        lines.append(f"{without_program} questions have no program")
    lines += [
        f"{count} programs ended because nobody plays the role `{role}`: --tool {role}=NAME"
        for role, count in sorted(without_tool.items())
    ]
    return lines


_NO_TOOL = re.compile(r"needs a tool for the role `(\w+)`")


def tool_names(recipe: Recipe) -> str:
    return ", ".join(f"{role}={tool.name}" for role, tool in recipe.tools.items()) or "no tools"


def freeze(recipe: Recipe, run: Run) -> None:
    """Write the recipe into its run directory; what had changed is then in the log."""
    text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    if run.recipe.exists() and run.recipe.read_text(encoding="utf-8") == text:
        return
    Log(run.log).write("recipe", recipe=recipe.model_dump(mode="json"))
    run.recipe.write_text(text, encoding="utf-8")


def _recipe(path: Path | None, sources: Mapping[str, Path | None], tools: Sequence[str]) -> Recipe:
    """A recipe from its file, with what the options say in place of it; or from the options alone."""
    given = {name: str(value.resolve()) for name, value in sources.items() if value is not None}
    roles = dict(tool_option(each) for each in tools)
    if path is not None:
        if not given and not roles:
            return load_recipe(path)
        values = load_recipe(path).model_dump(mode="json")
    else:
        missing = [name for name in ("questions", "images") if name not in given]
        if missing:
            raise UserError(f"give a recipe, or --{' and --'.join(missing)}; see `vpd verify --help`")
        values = {"data": {}, "tools": {}}
    values["data"] |= given
    values["tools"] |= roles
    return parse_recipe(values, where="the options", base=Path())


def tool_option(text: str) -> tuple[str, dict[str, Any]]:
    """`ROLE=NAME` or `ROLE=NAME:VALUE` → the recipe's form; the value is that of the tool's first setting."""
    role, equals, named = text.partition("=")
    if not equals or not role or not named:
        raise UserError(f"--tool {text}: write ROLE=NAME, e.g. --tool detector=annotations")
    name, colon, value = named.partition(":")
    if not colon:
        return role, {"name": name}
    try:
        first = next(iter(signature(registry.factory(role, name)).parameters))
    except ToolUnavailable as error:
        raise UserError(f"--tool {text}: {error}") from error
    return role, {"name": name, first: value}


def _statuses(text: str) -> list[Status]:
    known = get_args(Status)
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise UserError(f"--retry {name}: there is no such status; there are {', '.join(known)}")
    return cast("list[Status]", names)
