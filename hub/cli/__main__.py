"""Own `python -m hub.cli`, for when the script is not installed; knows nothing else."""

from hub.cli import main

if __name__ == "__main__":
    main()
