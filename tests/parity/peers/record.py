"""Ask every peer anew, each in an environment of its own, and record its answers.

    python tests/parity/peers/record.py [--into DIR] [--only PEER]

Environments are made below a temporary folder and thrown away. The tests compare Assay with
the recorded answers; this script makes them, and shows in a diff what a peer's new version
answers differently.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEERS = ("fairlearn", "aif360", "smclarify")


def record(peer: str, into: Path) -> None:
    """One peer's answers, written to `into`."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        requirements = HERE / f"requirements-{peer}.txt"
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--requirement", requirements], check=True
        )
        answered = subprocess.run(
            [python, "-m", f"tests.parity.peers.peer_{peer}"],
            check=True,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
    (into / f"{peer}.json").write_text(answered.stdout, encoding="utf-8")


def main() -> None:
    """Record the peers asked for; all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE / "records")
    parser.add_argument("--only", choices=PEERS, action="append")
    options = parser.parse_args()
    for peer in options.only or PEERS:
        sys.stderr.write(f"Asking {peer}.\n")
        record(peer, options.into)


if __name__ == "__main__":
    main()
