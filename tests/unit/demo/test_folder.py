"""The demo's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli.demo.folder import FIRST, MADE, MARK, SECOND, DirectoryTaken, claim, lay_out


def test_an_absent_folder_is_made_and_marked(tmp_path: Path) -> None:
    """The demo makes its folder, and knows it again."""
    claim(tmp_path / "new" / "demo")
    assert (tmp_path / "new" / "demo" / MARK).is_file()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """An empty folder belongs to nobody."""
    claim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [MARK]


def test_a_folder_of_somebody_else_is_refused_and_unchanged(tmp_path: Path) -> None:
    """Whatever is in a folder that the demo did not make stays there."""
    (tmp_path / "assay.yaml").write_text("assay: 1\n")
    with pytest.raises(DirectoryTaken, match="neither") as caught:
        claim(tmp_path)
    assert caught.value.where == str(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["assay.yaml"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    """A file where the folder should be is not overwritten."""
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(DirectoryTaken):
        claim(tmp_path / "demo")
    assert (tmp_path / "demo").read_text() == "mine"


def test_a_second_run_replaces_what_the_first_made_and_nothing_else(tmp_path: Path) -> None:
    """Notes that a reader keeps in the demo's folder survive the next run."""
    claim(tmp_path)
    lay_out(FIRST, tmp_path)
    (tmp_path / ".assay").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    claim(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [MARK, "notes.txt"]


def test_a_link_in_the_folder_is_removed_without_following_it(tmp_path: Path) -> None:
    """A link to somewhere else does not lead the demo to delete there."""
    elsewhere, demo = tmp_path / "elsewhere", tmp_path / "demo"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("mine")
    claim(demo)
    (demo / "data").symlink_to(elsewhere)
    claim(demo)
    assert (elsewhere / "kept.txt").read_text() == "mine"
    assert not (demo / "data").exists()


def test_everything_laid_out_is_known_as_the_demos(tmp_path: Path) -> None:
    """What the demo writes, the demo also replaces."""
    lay_out(FIRST, tmp_path)
    lay_out(SECOND, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} <= set(MADE)
