"""A row of a data set → the benchmark's questions, by its columns."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from vpd.errors import UserError
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.records import Item
from vpd.records import Example, ImageFile

Row = Mapping[str, Any]


class RowImage(NamedTuple):
    """A row's image as it was found: stored, or why it could not be."""

    file: ImageFile | None
    problem: str | None = None


def check_columns(benchmark: Benchmark, found: Collection[str], where: str) -> None:
    """
    Raises:
        UserError: a column that the definition names is not there.
    """
    expected = _columns(benchmark)
    missing = [name for name in expected if name not in found]
    if missing:
        raise UserError(
            f"{where} has no column {_quoted(missing)}: {benchmark.name} expects {_quoted(expected)} and found "
            f"{_quoted(sorted(found))}; correct `columns` in the benchmark's definition, or the data"
        )


def items(benchmark: Benchmark, row: Row, number: int, image: RowImage) -> Iterator[Item]:
    """The questions of one row; rows that the benchmark leaves out of its score give none.

    Args:
        number: the row's position, its id where the data set has none.
        image: of the row.

    Raises:
        UserError: a value is not what its column should hold.
    """
    try:
        yield from _items(benchmark, row, number, image)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise UserError(
            f"{benchmark.name}, row {number}: a column does not hold what the benchmark's definition says "
            f"({_first_line(error)}); correct `columns` there, or the data"
        ) from error


def _items(benchmark: Benchmark, row: Row, number: int, image: RowImage) -> Iterator[Item]:
    columns = benchmark.columns
    if columns.skip and row[columns.skip]:
        return
    own = str(row[columns.id]) if columns.id else str(number)
    if columns.rows is None:
        yield _item(benchmark, row, own, image)
        return
    for position, element in enumerate(row[columns.rows]):
        if missing := [name for name in _inner(benchmark) if name not in element]:
            raise UserError(
                f"{benchmark.name}, row {own}: `{columns.rows}` has no {_quoted(missing)}, but {_quoted(element)}"
            )
        yield _item(benchmark, element, f"{own}-{position}", image)


def _item(benchmark: Benchmark, row: Row, identity: str, image: RowImage) -> Item:
    columns = benchmark.columns
    choices = _choices(row, columns.choices)
    correct = _correct(benchmark, row, identity, choices)
    if correct is not None:
        answers = [choices[correct] if choices else chr(ord("A") + correct)]
    else:
        answers = _texts(row, columns.answers) if columns.answers else []
    question = benchmark.prompt.format(
        question=str(row[columns.question]).strip(),
        hint=_text_or_empty(row[columns.hint]) if columns.hint else "",
    )
    category = str(row[columns.category]) if columns.category else ""
    example = Example(
        id=identity,
        images=(image.file,) if image.file else (),
        question=question.strip(),
        answers=tuple(benchmark.answer_names.get(answer, answer) for answer in answers),
        answer_type=benchmark.answer_type,
        choices=tuple(choices),
        source=benchmark.name,
        problem=image.problem,
    )
    return Item(
        example=example, correct=correct, category=benchmark.category_names.get(category.lower(), category)
    )


def _columns(benchmark: Benchmark) -> list[str]:
    """The columns of the table that a definition needs."""
    columns = benchmark.columns
    of_table = [columns.id, columns.image, columns.rows, columns.skip]
    if columns.rows is None:
        of_table += _inner(benchmark)
    if benchmark.hub and benchmark.hub.images:
        of_table.append(benchmark.hub.images.key)
    return list(dict.fromkeys(name for name in of_table if name))


def _inner(benchmark: Benchmark) -> list[str]:
    columns = benchmark.columns
    names = [columns.question, columns.answers, *columns.choices, columns.correct]
    names += [columns.category, columns.hint]
    return [name.partition("[]")[0] for name in names if name]


def _texts(row: Row, name: str) -> list[str]:
    """One text or several; `column[].key` is that key of each element."""
    column, several, key = name.partition("[].")
    value: Any = row[column]
    if several:
        # A list of structs is a struct of lists to some versions of `datasets`.
        elements = value[key] if isinstance(value, Mapping) else [each[key] for each in value]
        return [str(each) for each in cast("Sequence[Any]", elements)]
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        value = _listed(value)
    if isinstance(value, list | tuple):
        return [_text(each) for each in value]
    return [text] if value is not None and (text := _text(value)) else []


def _listed(text: str) -> Any:
    """A list that was stored as Python writes it; anything else stays the text it is."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, list) else text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _text_or_empty(value: Any) -> str:
    """Tables made with pandas say `nan` where there is nothing."""
    text = "" if value is None else str(value).strip()
    return "" if text.lower() == "nan" else text


def _choices(row: Row, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    if len(names) == 1:
        return _texts(row, names[0])
    return [text for name in names if (text := _text_or_empty(row[name]))]


def _correct(benchmark: Benchmark, row: Row, identity: str, choices: Sequence[str]) -> int | None:
    name = benchmark.columns.correct
    if name is None:
        return None
    value = row[name]
    if isinstance(value, int) and not isinstance(value, bool):
        index = value
    else:
        letter = str(value).strip().strip("().").upper()
        index = ord(letter) - ord("A") if len(letter) == 1 and letter.isalpha() else -1
    if index < 0 or (choices and index >= len(choices)):
        raise UserError(
            f"{benchmark.name}, question {identity}: `{name}` is {value!r}, which is none of the "
            f"{len(choices) or 26} options; use a split with labels"
        )
    return index


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]


def _quoted(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
