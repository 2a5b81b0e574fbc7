"""Files that must be whole: blobs and keys, when any step of writing them fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.failing_files import fail_step

from assay.adapters.blobs import BlobsUnreachable, LocalBlobs
from assay.adapters.keys import KeyUnusable, create_key, load_key
from assay.errors import EnvironmentUnavailable


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_blob_is_whole_or_absent_whatever_fails(tmp_path: Path, after: bool) -> None:
    """A blob that could not be stored is not half there, and can be stored later."""
    for number in range(1, 30):
        root = tmp_path / str(number)
        blobs = LocalBlobs(root)
        with pytest.MonkeyPatch.context() as patch:
            struck = fail_step(patch, number, after=after)
            stored = True
            try:
                blobs.put(b"content")
            except BlobsUnreachable:
                stored = False
        assert stored is not struck()
        digest = blobs.put(b"content")
        assert blobs.get(digest) == b"content"
        files = [path.name for path in root.rglob("*") if path.is_file()]
        assert files == [digest]
        if stored:
            break
    assert 5 < number < 29


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_key_is_whole_or_absent_whatever_fails(tmp_path: Path, after: bool) -> None:
    """A key file that could not be written is not there, or is there whole."""
    for number in range(1, 30):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            struck = fail_step(patch, number, after=after)
            made = True
            try:
                create_key(folder / "key", name="log")
            except KeyUnusable:
                made = False
        assert made is not struck()
        assert [path.name for path in folder.iterdir()] in ([], ["key"])
        if (folder / "key").exists():
            load_key(folder / "key")
        if made:
            break
    assert 4 < number < 29


def test_unwritable_folder_has_a_remedy(tmp_path: Path) -> None:
    """A store whose folder is a file is out of reach, and the error says where."""
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(EnvironmentUnavailable) as caught:
        LocalBlobs(tmp_path / "blobs").put(b"content")
    assert caught.value.where
    assert caught.value.remedy
