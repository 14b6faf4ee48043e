"""Puts a data set and its card on the Hugging Face hub."""

from typing import TYPE_CHECKING, Any

from vpd.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset


def push(dataset: "Dataset", card: str, repository: str) -> str:
    """Upload a data set as a private one; the key is the one that `hf auth login` or `HF_TOKEN` gives.

    Returns:
        Its address.

    Raises:
        UserError: the hub refuses, or cannot be reached.
    """
    from huggingface_hub import DatasetCard
    from huggingface_hub.errors import (
        HFValidationError,
        HTTPError,  # pyright: ignore[reportPrivateImportUsage] - which library's it is depends on the version
    )

    try:
        told = dataset.push_to_hub(repository, private=True)
        # The data set's own header (features, splits) was written by the line above; ours goes with it.
        ours, theirs = DatasetCard(card), DatasetCard.load(repository)
        header: dict[str, Any] = theirs.data.to_dict() | ours.data.to_dict()
        DatasetCard(f"---\n{_yaml(header)}---\n{ours.text}").push_to_hub(repository)
    except (HTTPError, HFValidationError, OSError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"cannot upload to {repository}: {reason}; log in with `hf auth login`, and name a repository as "
            "`me/photos`; without network, write a folder with `--as parquet` and upload that later"
        ) from error
    return told.repo_url.url


def _yaml(header: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(header, sort_keys=False, allow_unicode=True)
