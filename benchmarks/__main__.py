"""`python -m benchmarks [NAME ...]` runs all benchmarks, or those named."""

import sys
from importlib import import_module
from pathlib import Path

_HELPERS = {"__init__", "__main__", "baselines", "results", "workload"}


def main() -> None:
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _HELPERS)
    names = sys.argv[1:] or known
    for name in names:
        if name not in known:
            sys.exit(f"there is no benchmark {name!r}; there are {', '.join(known)}")
        import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
