"""Packs that earlier versions wrote still verify, and still come out the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.packed import VERIFIER

from assay.adapters.archives import open_archive
from assay.adapters.plugins import find_checks
from assay.adapters.project import RecordedTexts
from assay.app.packs.verification import recompute_pack, verify_pack

PACKS = sorted((Path(__file__).parent / "data" / "packs").glob("*.zip"))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_recorded_evidence_verifies_for_ever(path: Path):
    """Every file is what it was, and no figure that can be derived today differs.

    Gaps were bounded otherwise in revision 1 (decision 0005), so they are named and left.
    """
    files = open_archive(path)
    pack = verify_pack(files, verifiers=[VERIFIER])
    assert [item.index for item in pack.entries] == list(range(13))
    found = recompute_pack(
        files, pack, verifiers=[VERIFIER], texts=RecordedTexts(), catalogue=find_checks()
    )
    assert found.measurements == 4
    assert {(item.what, item.why) for item in found.skipped} == {
        ("the decision as a whole", "it rests on what is named beside it"),
        (
            "approval-gap (fairness.selection_rate_difference)",
            "the check is of revision 2 here, and was of 1",
        ),
    }
