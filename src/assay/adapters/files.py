"""Files that appear whole or not at all, and stay."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
"""The mode of a file that only its owner can read."""


def write_whole(path: Path, data: bytes, *, replace: bool, mode: int = PRIVATE) -> None:
    """Write a file, durable when this returns.

    Args:
        path: the file; its folder exists.
        data: its content.
        replace: whether a file that is there gives way; if not, of two that write at once
            one fails.
        mode: who may read it, less what the process's umask withholds.

    Raises:
        FileExistsError: something is there already and must not be replaced.
        OSError: the file cannot be written; nothing is left behind.
    """
    place_whole(path, data, replace=replace, mode=mode)
    sync_folder(path.parent)


def place_whole(path: Path, data: bytes, *, replace: bool, mode: int = PRIVATE) -> None:
    """Like `write_whole`, but the name is durable only once its folder is synced too."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(temporary, flags, mode), "wb") as file:  # noqa: PTH123 - made with its mode
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            path.hardlink_to(temporary)  # Unlike a rename, a link never replaces.
    finally:
        temporary.unlink(missing_ok=True)


def make_folder(folder: Path, *, mode: int = 0o700) -> None:
    """Make a folder and those above it durably, by default for their owner alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode=mode)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
