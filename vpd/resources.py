"""Where the files that travel with the package are found: in place in a checkout, or inside the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(*parts: str) -> Path:
    """The path of a bundled file, e.g. `resource("programs", "api.pyi")`.

    Raises:
        FileNotFoundError: no such file is bundled.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError("/".join(parts) + " is not part of this installation of vpd; reinstall it")
