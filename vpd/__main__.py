"""`python -m vpd`, which is also how a launcher of several processes starts it."""

from vpd.cli import main

if __name__ == "__main__":
    main()
