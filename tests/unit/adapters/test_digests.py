"""Digests of files and folders: the spec's order, what is left out, what is refused."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from assay.adapters.digests import (
    FileChanged,
    FileState,
    MissingFile,
    NotARegularFile,
    component,
    file_digest,
    oms_root,
)


def make(folder: Path, *names: str) -> Path:
    """A folder with files whose content is their name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def root(*names: str) -> str:
    """The root of files whose content is their name, in this order."""
    raw = b"".join(hashlib.sha256(name.encode()).digest() for name in names)
    return hashlib.sha256(raw).hexdigest()


def test_a_file_is_its_sha256(tmp_path: Path):
    """The digest is over the bytes and nothing else."""
    make(tmp_path, "a")
    assert file_digest(tmp_path / "a") == hashlib.sha256(b"a").hexdigest()
    assert component(tmp_path / "a") == {"sha256": hashlib.sha256(b"a").hexdigest()}


def test_a_folder_is_hashed_in_code_point_order(tmp_path: Path):
    """Order is that of the whole path, so `a-c` comes before `a/b`, and `B` before `a`."""
    make(tmp_path, "a/b", "a-c", "B", "a/b/c".replace("/b/", "/b.d/"), "é", "z")
    expected = root("B", "a-c", "a/b", "a/b.d/c", "z", "é")
    assert oms_root(tmp_path) == expected
    assert component(tmp_path) == {"oms": expected}


def test_git_is_left_out_at_the_top_only(tmp_path: Path):
    """What git keeps in a model's folder is not the model, but deeper it may be."""
    make(tmp_path, "w", ".git/HEAD", ".gitignore", ".gitattributes", ".github/x", "sub/.gitignore")
    assert oms_root(tmp_path) == root("sub/.gitignore", "w")


def test_more_may_be_left_out_at_any_depth(tmp_path: Path):
    """Such as what Python compiles."""
    make(tmp_path, "a.py", "__pycache__/a.pyc", "sub/b.py", "sub/__pycache__/b.pyc")
    assert oms_root(tmp_path, ignored={"__pycache__"}) == root("a.py", "sub/b.py")


def test_what_is_no_file_is_refused(tmp_path: Path):
    """Links lead elsewhere, pipes never end, and an empty folder pins nothing."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotARegularFile):
        oms_root(tmp_path / "empty")
    with pytest.raises(NotARegularFile):
        file_digest(tmp_path)
    linked = make(tmp_path / "linked", "a")
    (linked / "link").symlink_to("a")
    with pytest.raises(NotARegularFile):
        oms_root(linked)
    piped = make(tmp_path / "piped", "a")
    os.mkfifo(piped / "pipe")
    with pytest.raises(NotARegularFile):
        oms_root(piped)
    with pytest.raises(NotARegularFile):
        file_digest(piped / "pipe")


def test_what_is_not_there_is_missing(tmp_path: Path):
    """The path is named, and the remedy says what it is relative to."""
    for attempt in (file_digest, oms_root, component, FileState.of):
        with pytest.raises(MissingFile) as caught:
            attempt(tmp_path / "gone")
        assert str(tmp_path / "gone") in str(caught.value.where)
        assert caught.value.remedy


def test_a_change_while_hashing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A file written to, or added, between the first byte and the last."""
    folder = make(tmp_path / "model", "a", "b")
    genuine: Any = hashlib.file_digest

    def hash_and_append(file: BinaryIO, name: str) -> Any:
        digest = genuine(file, name)
        with (folder / "a").open("a") as other:
            other.write("more")
        return digest

    def hash_and_add(file: BinaryIO, name: str) -> Any:
        make(folder, "c")
        return genuine(file, name)

    monkeypatch.setattr("hashlib.file_digest", hash_and_append)
    with pytest.raises(FileChanged):
        file_digest(folder / "a")
    monkeypatch.setattr("hashlib.file_digest", hash_and_add)
    with pytest.raises(FileChanged):
        oms_root(folder)
