"""The recorded answers are what the peers answer, asked anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.parity.peers import record


@pytest.mark.slow
@pytest.mark.parametrize("peer", record.PEERS)
def test_a_peer_answers_as_recorded(peer: str, tmp_path: Path):
    """In an environment of its own, with the pinned versions."""
    asked = subprocess.run(
        [sys.executable, "-m", "tests.parity.peers.record", "--into", tmp_path, "--only", peer],
        cwd=record.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if "pip" in asked.stderr and asked.returncode:
        pytest.skip(f"The packages of {peer} cannot be installed here.")
    assert asked.returncode == 0, asked.stderr
    anew = json.loads((tmp_path / f"{peer}.json").read_text(encoding="utf-8"))
    kept = json.loads((record.HERE / "records" / f"{peer}.json").read_text(encoding="utf-8"))
    assert anew["versions"] == kept["versions"]
    assert numbers(anew["answers"]) == pytest.approx(numbers(kept["answers"]), abs=1e-12)


def numbers(answers: Any, path: str = "") -> dict[str, float]:
    """Every number by its path."""
    if isinstance(answers, dict):
        return {
            key: value
            for name, part in answers.items()
            for key, value in numbers(part, f"{path}/{name}").items()
        }
    return {path: float(answers)}
