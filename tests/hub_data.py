"""Data sets in folders, in the form in which the hub holds them."""

import io
from pathlib import Path
from typing import Any

import yaml
from PIL import Image as Picture


def jpeg(colour: str, size: tuple[int, int] = (20, 10)) -> bytes:
    buffer = io.BytesIO()
    Picture.new("RGB", size, colour).save(buffer, format="JPEG")
    return buffer.getvalue()


def publish(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> str:
    """A data set with a configuration for each table; images are given as the bytes of their files."""
    import datasets

    folder.mkdir(parents=True)
    configs: list[dict[str, Any]] = []
    for name, rows in tables.items():
        table = datasets.Dataset.from_list(
            [{key: _embedded(value) for key, value in row.items()} for row in rows]
        )
        for key, value in rows[0].items():
            if isinstance(value, bytes):
                table = table.cast_column(key, datasets.Image())
            elif isinstance(value, list) and value and isinstance(value[0], bytes):
                table = table.cast_column(key, datasets.List(datasets.Image()))
        table.to_parquet(folder / f"{name}.parquet")
        configs.append(
            {
                "config_name": name,
                "data_files": [{"split": "train", "path": f"{name}.parquet"}],
            }
        )
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': configs})}---\n")
    return str(folder)


def _embedded(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value, "path": None}
    return [_embedded(each) for each in value] if isinstance(value, list) else value
