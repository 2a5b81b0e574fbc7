"""Digests of files and folders as they lie on disk, read while nothing changes them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assay.errors import NotEvaluated
from assay.evidence.canonical import Json

OMS_IGNORED: Final = frozenset({".git", ".gitignore", ".gitattributes", ".github"})
"""What OpenSSF Model Signing leaves out, at the top of a model's folder only."""


class MissingFile(NotEvaluated):
    """A file or folder that the manifest names is not there, or cannot be read."""

    code = "file.absent"


class NotARegularFile(NotEvaluated):
    """A path leads to something whose content cannot be pinned: a link, a pipe, a device."""

    code = "file.not-regular"


class FileChanged(NotEvaluated):
    """A file changed while it was read: its digest would not be that of what was used."""

    code = "file.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What the system says of a file, to tell whether it is still the very same.

    Attributes:
        path: where it is.
        size: bytes.
        identity: device, inode, and the times of the last change of content and of state,
            in nanoseconds; a program can set the first of those back, but not the second.
    """

    path: Path
    size: int
    identity: tuple[int, int, int, int]

    @classmethod
    def of(cls, path: Path) -> FileState:
        """The state of a regular file.

        Raises:
            MissingFile: there is no such file.
            NotARegularFile: it is a folder, a pipe or a device.
        """
        try:
            status = path.stat()
        except OSError as error:
            raise _unreadable(path, error) from error
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(path)
        return cls(path=path, size=status.st_size, identity=_identity(status))

    def verify_unchanged(self) -> None:
        """Raise FileChanged unless the path still leads to the very same file."""
        try:
            now = self.path.stat()
        except OSError as error:
            raise _changed(self.path) from error
        if (now.st_size, _identity(now)) != (self.size, self.identity):
            raise _changed(self.path)


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes, read once.

    Raises:
        MissingFile: there is no such file, or it may not be read.
        NotARegularFile: it is a folder, a pipe or a device.
        FileChanged: it was written to meanwhile.
    """
    state = FileState.of(path)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error
    state.verify_unchanged()
    return digest


def component(path: Path) -> dict[str, Json]:
    """The pin of a version's component: {"sha256": hex} of a file, {"oms": hex} of a folder."""
    if path.is_dir():
        return {"oms": oms_root(path)}
    return {"sha256": file_digest(path)}


def oms_root(folder: Path, *, ignored: Collection[str] = ()) -> str:
    """The root digest of a folder as OpenSSF Model Signing 1.0 computes it.

    SHA-256 (hex) over the raw SHA-256 digests of all files, in code-point order of their
    POSIX paths relative to the folder; without OMS_IGNORED at its top.

    Args:
        folder: the folder.
        ignored: names left out besides, at any depth.

    Raises:
        NotARegularFile: it holds a link, a pipe or a device, or no file at all.
        FileChanged: a file was written to, added or removed meanwhile.
    """
    names = _files(folder, ignored)
    if not names:
        raise NotARegularFile("The folder holds no file.", where=str(folder))
    states = [FileState.of(folder / name) for name in names]
    digests = [bytes.fromhex(file_digest(folder / name)) for name in names]
    if _files(folder, ignored) != names:
        raise _changed(folder)
    for state in states:
        state.verify_unchanged()
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _files(folder: Path, ignored: Collection[str]) -> list[str]:
    try:
        return sorted(_walk(folder, "", ignored))
    except OSError as error:
        raise _unreadable(folder, error) from error


def _walk(folder: Path, prefix: str, ignored: Collection[str]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in ignored or (not prefix and entry.name in OMS_IGNORED):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", ignored)
            elif entry.is_file(follow_symlinks=False):
                yield f"{prefix}{entry.name}"
            else:
                raise _not_regular(Path(entry.path))


def _unreadable(path: Path, error: OSError) -> MissingFile:
    return MissingFile(
        f"The file cannot be read: {error.strerror}.",
        where=str(path),
        remedy="Check the path; it is relative to the manifest's folder.",
    )


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _changed(path: Path) -> FileChanged:
    return FileChanged(
        "The file changed while it was read.",
        where=str(path),
        remedy="Let whatever writes it finish, then run the command again.",
    )


def _not_regular(path: Path) -> NotARegularFile:
    return NotARegularFile(
        "The path leads to a folder, a link, a pipe or a device, not to a file.",
        where=str(path),
        remedy="Name a regular file; put a copy in the place of a link.",
    )
