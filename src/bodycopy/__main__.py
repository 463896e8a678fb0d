"""`python -m bodycopy`."""

from bodycopy.cli import main

if __name__ == "__main__":  # worker processes import this file
    main(prog_name="bodycopy")
