"""Own `python -m hub_sdk FILE.py`: standard output is out of reach before the file is loaded; know nothing of modules."""

import sys

from hub_sdk._load import main

__all__: list[str] = []

if __name__ == "__main__":
    main(sys.argv)
