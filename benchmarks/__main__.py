"""`python -m benchmarks [NAME ...] [OPTIONS]` runs those named; without a name all that take minutes."""

import sys
from importlib import import_module
from pathlib import Path

_HELPERS = {"__init__", "__main__", "baselines", "results", "workload"}
_HOURS = {"student"}


def main() -> None:
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _HELPERS)
    given = sys.argv[1:]
    begin = next((place for place, each in enumerate(given) if each.startswith("-")), len(given))
    names = given[:begin] or [name for name in known if name not in _HOURS]
    sys.argv[1:] = given[begin:]  # what each of them reads as its own
    for name in names:
        if name not in known:
            sys.exit(f"there is no benchmark {name!r}; there are {', '.join(known)}")
        import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
