"""``python -m emoanim`` is the command line."""

from emoanim.cli import main

main()
