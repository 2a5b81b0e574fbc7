"""The command line: parse, call one use case, render.

Nothing heavy is imported until a command runs, so `--help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code that documentation gives its outcome."""
    from assay.cli.run import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))
