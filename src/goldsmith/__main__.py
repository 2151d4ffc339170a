"""``python -m goldsmith`` is the ``goldsmith`` command."""

from goldsmith.cli.start import main

main()
