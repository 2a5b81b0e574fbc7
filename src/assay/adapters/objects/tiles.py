"""A published log in an object store, which serves it as it stands."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from assay.adapters.objects.store import ObjectAbsent, ObjectExists, Objects
from assay.adapters.tile_store import CHECKPOINT, TILE_BYTES_MAX, TileAbsent, TileConflict
from assay.app.ports import CheckpointReplaced
from assay.tlog.note import NOTE_BYTES_MAX
from assay.tlog.tiles import Tile


class ObjectTiles:
    """Tiles and a checkpoint as objects, by the paths of C2SP tlog-tiles.

    Nothing is locked: tiles are created once, and the checkpoint is replaced only where it is
    still the one that was read, so of several publishers at once one wins and none corrupts.

    Args:
        objects: where; the address is the log's prefix.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._tag: str | None = None

    @contextmanager
    def locked(self) -> Generator[None]:
        """Wait for nobody: a publisher who comes too late is told by `set_checkpoint`."""
        yield

    def checkpoint(self) -> bytes | None:
        """The published note, or None before the first."""
        try:
            found = self._objects.get(CHECKPOINT, bytes_max=NOTE_BYTES_MAX)
        except ObjectAbsent:
            self._tag = None
            return None
        self._tag = found.tag
        return found.data

    def set_checkpoint(self, note: bytes) -> None:
        """Publish a note in place of the one that was read last; raises CheckpointReplaced."""
        try:
            if self._tag is None:
                self._objects.create(CHECKPOINT, note)
            else:
                self._objects.replace(CHECKPOINT, note, tag=self._tag)
        except (ObjectExists, ObjectAbsent) as error:
            raise CheckpointReplaced(
                "Another process published meanwhile.",
                where=f"{self._objects.url}/{CHECKPOINT}",
                remedy="Run the command again.",
            ) from error

    def read(self, tile: Tile) -> bytes:
        """A tile's or bundle's bytes, as stored; raises TileAbsent."""
        try:
            return self._objects.get(tile.path, bytes_max=TILE_BYTES_MAX).data
        except ObjectAbsent as error:
            raise TileAbsent(
                "A tile of the published log is missing.",
                where=f"{self._objects.url}/{tile.path}",
                remedy="Restore it from a copy, or publish the whole log to an empty place.",
            ) from error

    def add(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Store tiles or bundles durably; raises TileConflict where other bytes are."""
        for tile, data in tiles:
            try:
                self._objects.create(tile.path, data)
            except ObjectExists as error:
                if self.read(tile) != data:
                    raise TileConflict(
                        "A tile is there with other bytes than the log's.",
                        where=f"{self._objects.url}/{tile.path}",
                        remedy="Run `assay verify`; if the log is whole, compare the place with "
                        "a copy, or publish the whole log to an empty one.",
                    ) from error

    def drop_partial(self, tiles: Iterable[Tile]) -> None:
        """Take away what was stored of these full tiles while they were not full."""
        for tile in tiles:
            for name in list(self._objects.names(f"{tile.path}.p")):
                self._objects.delete(name)
