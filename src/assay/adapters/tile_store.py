"""A published log as a folder, which any web server can serve as it stands."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from assay.adapters.files import PRIVATE, make_folder, place_whole, sync_folder, write_whole
from assay.app.ports import CheckpointReplaced
from assay.errors import EnvironmentUnavailable, VerificationFailed
from assay.tlog.note import NOTE_BYTES_MAX
from assay.tlog.tiles import ENTRY_BYTES_MAX, WIDTH, Tile

CHECKPOINT: Final = "checkpoint"

_LOCK: Final = ".lock"
TILE_BYTES_MAX: Final = WIDTH * (2 + ENTRY_BYTES_MAX)
_PUBLIC: Final = 0o644
_PUBLIC_FOLDER: Final = 0o755
_PRIVATE_FOLDER: Final = 0o700


class TileAbsent(VerificationFailed):
    """A tile that the published checkpoint covers is not there."""

    code = "tiles.absent"


class TileConflict(VerificationFailed):
    """A tile is there with other bytes than the log has; a published tile never changes."""

    code = "tiles.conflict"


class TilesUnreachable(EnvironmentUnavailable):
    """The folder cannot be read or written."""

    code = "tiles.unreachable"


class TileFolder:
    """Tiles and a checkpoint as files below a folder, by the paths of C2SP tlog-tiles.

    A file appears whole, under its name, once its bytes are durable.

    Args:
        root: the folder, made by the first publication; it is the log's prefix.
        confidential: whether its owner alone may read it, as with bundles of entries.
    """

    def __init__(self, root: Path, *, confidential: bool = False) -> None:
        self._root = root
        self._read_last: bytes | None = None
        self._mode = PRIVATE if confidential else _PUBLIC
        self._folder_mode = _PRIVATE_FOLDER if confidential else _PUBLIC_FOLDER

    @contextmanager
    def locked(self) -> Generator[None]:
        """Wait for other publishers here; a process that dies lets go of the lock."""
        lock = self._root / _LOCK
        try:
            make_folder(self._root, mode=self._folder_mode)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            raise _unreachable(error, lock) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError as error:
                raise _unreachable(error, lock) from error
            yield
        finally:
            os.close(descriptor)

    def checkpoint(self) -> bytes | None:
        """The published note, or None before the first."""
        self._read_last = self._note()
        return self._read_last

    def set_checkpoint(self, note: bytes) -> None:
        """Publish a note in place of the one that was read last, durable when it returns."""
        path = self._root / CHECKPOINT
        # Within the lock nobody else publishes, unless someone does without it.
        if self._note() != self._read_last:
            raise CheckpointReplaced(
                "Another process published meanwhile.",
                where=str(path),
                remedy="Run the command again.",
            )
        try:
            make_folder(self._root, mode=self._folder_mode)
            write_whole(path, note, replace=True, mode=self._mode)
        except OSError as error:
            raise _unreachable(error, path) from error
        self._read_last = note

    def read(self, tile: Tile) -> bytes:
        """A tile's or bundle's bytes, as stored; raises TileAbsent."""
        path = self._root / tile.path
        try:
            return _read(path, TILE_BYTES_MAX)
        except FileNotFoundError as error:
            raise TileAbsent(
                "A tile of the published log is missing.",
                where=str(path),
                remedy="Restore it from a copy, or publish the whole log to an empty folder.",
            ) from error
        except OSError as error:
            raise _unreachable(error, path) from error

    def add(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Store tiles or bundles durably; raises TileConflict where other bytes are."""
        folders: set[Path] = set()
        for tile, data in tiles:
            path = self._root / tile.path
            try:
                self._add(path, data)
            except OSError as error:
                raise _unreachable(error, path) from error
            folders.add(path.parent)
        for folder in folders:
            # Once for all its files, and also where nothing was written: whoever wrote it may
            # not have come to this.
            try:
                sync_folder(folder)
            except OSError as error:
                raise _unreachable(error, folder) from error

    def drop_partial(self, tiles: Iterable[Tile]) -> None:
        """Take away what was stored of these full tiles while they were not full."""
        for tile in tiles:
            path = self._root / f"{tile.path}.p"
            try:
                if path.is_dir():
                    shutil.rmtree(path)
            except OSError as error:
                raise _unreachable(error, path) from error

    def _note(self) -> bytes | None:
        path = self._root / CHECKPOINT
        try:
            return _read(path, NOTE_BYTES_MAX)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreachable(error, path) from error

    def _add(self, path: Path, data: bytes) -> None:
        make_folder(path.parent, mode=self._folder_mode)
        try:
            place_whole(path, data, replace=False, mode=self._mode)
        except FileExistsError as error:
            if _read(path, TILE_BYTES_MAX) != data:
                raise TileConflict(
                    "A tile is there with other bytes than the log's.",
                    where=str(path),
                    remedy="Run `assay verify`; if the log is whole, compare the folder with a "
                    "copy, or publish the whole log to an empty one.",
                ) from error


def _read(path: Path, bytes_max: int) -> bytes:
    """A file's bytes; of one too large, one byte more than is allowed, which fits nothing."""
    with path.open("rb") as file:
        return file.read(bytes_max + 1)


def _unreachable(error: OSError, path: Path) -> TilesUnreachable:
    return TilesUnreachable(
        f"The published log cannot be read or written: {error.strerror}.",
        where=str(path),
        remedy="Look at the disk's space and at the folder's rights.",
    )
