"""`python -m koinon` is the `koinon` command."""

from koinon.cli import main

main()
