"""The state of code: a commit, whether the tree is dirty, and what differs if it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.adapters.code import GitFailed, code_state
from assay.adapters.digests import MissingFile, oms_root


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    return subprocess.run(
        [
            "git",
            "-c",
            "user.name=n",
            "-c",
            "user.email=e",
            "-c",
            "init.defaultBranch=main",
            *arguments,
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A work tree with one commit: two files, one of them ignored products."""
    folder = tmp_path / "work tree"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "train.py").write_text("fit()\n")
    (folder / "score.py").write_text("predict()\n")
    (folder / ".gitignore").write_text("*.pyc\n.assay/\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    return folder


def test_a_clean_tree_is_its_commit(repository: Path):
    """Ignored files do not make it dirty."""
    (repository / "score.pyc").write_bytes(b"\0")
    (repository / ".assay").mkdir()
    (repository / ".assay" / "key").write_text("secret")
    expected = {"git": git(repository, "rev-parse", "HEAD"), "dirty": False}
    assert code_state(repository) == expected
    assert code_state(repository / "src") == expected
    assert code_state(repository / "score.py") == expected


def _edit(folder: Path) -> None:
    (folder / "score.py").write_text("predict(1)\n")


def _stage(folder: Path) -> None:
    _edit(folder)
    git(folder, "add", "score.py")


def _delete(folder: Path) -> None:
    (folder / "score.py").unlink()


def _add(folder: Path) -> None:
    (folder / "été.py").write_text("new()\n")


def _permit(folder: Path) -> None:
    (folder / "score.py").chmod(0o755)


def _link(folder: Path) -> None:
    (folder / "link").symlink_to("score.py")


def _nest(folder: Path) -> None:
    (folder / "nested").mkdir()
    (folder / "nested" / "a.py").write_text("a\n")
    git(folder / "nested", "init", "--quiet")
    git(folder / "nested", "add", ".")
    git(folder / "nested", "commit", "--quiet", "--message", "nested")


CHANGES = [_edit, _permit, _add, _link, _nest, _delete]


@pytest.mark.parametrize("change", [*CHANGES, _stage])
def test_a_dirty_tree_says_so(repository: Path, change: Callable[[Path], None]):
    """Any change to a file is dirty, with a digest of the changes."""
    change(repository)
    state = code_state(repository)
    assert state["dirty"] is True
    assert len(str(state["changes"])) == 64
    assert code_state(repository) == state
    assert code_state(repository / "src")["dirty"] is False


def test_different_changes_differ(repository: Path):
    """The digest tells changes apart, and is the same for the same change, staged or not."""
    found = []
    for change in CHANGES:
        change(repository)
        found.append(code_state(repository)["changes"])
    assert len(set(found)) == len(CHANGES)


def test_staging_changes_nothing(repository: Path):
    """What is in the working tree counts, whatever is in the index."""
    _edit(repository)
    unstaged = code_state(repository)
    git(repository, "add", "score.py")
    assert code_state(repository) == unstaged


def test_settings_and_variables_change_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A repository's own settings, and variables that a hook sets, are without effect."""
    _edit(repository)
    before = code_state(repository)
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external"):
        git(repository, "config", name, str(program))
    git(repository, "config", "diff.noprefix", "true")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    assert code_state(repository) == before
    assert not ran.exists()


def test_without_git_it_is_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Outside a work tree, before the first commit, or where git is not installed."""
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"\0")
    (tmp_path / "a.py").write_text("a\n")
    expected = {"oms": oms_root(tmp_path, ignored={"__pycache__"})}
    assert code_state(tmp_path) == expected
    assert set(code_state(tmp_path / "a.py")) == {"sha256"}
    git(tmp_path, "init", "--quiet")
    assert code_state(tmp_path) == expected
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert code_state(tmp_path) == expected


def test_a_broken_repository_is_not_taken_for_none(repository: Path):
    """Where git fails, the code is not known, and nothing else stands for it."""
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository / ".git" / "config").write_text("[broken\n")
    with pytest.raises(GitFailed):
        code_state(repository)


def test_code_that_is_not_there(tmp_path: Path):
    """The path is named."""
    with pytest.raises(MissingFile):
        code_state(tmp_path / "gone")
