"""Where content and published logs lie: in a folder, or in an object store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from assay.app.ports import BlobStore, TileStore

BLOBS: Final = "blobs"


def open_blobs(home: Path) -> BlobStore:
    """The content of a workspace: in its own folder, unless its settings name another place."""
    from assay.adapters.blobs import LocalBlobs
    from assay.adapters.settings import load_settings

    place = load_settings(home).blobs
    if place is None:
        return LocalBlobs(home / BLOBS)
    from assay.adapters.objects.blobs import ObjectBlobs
    from assay.adapters.objects.store import open_objects

    return ObjectBlobs(open_objects(place))


def tile_store(place: str, *, confidential: bool = False) -> TileStore:
    """A place to publish a log in.

    Args:
        place: a folder, or `s3://BUCKET/PREFIX`.
        confidential: whether the owner alone may read a folder; of an object store its own
            rights say so.
    """
    from assay.adapters.objects.store import is_object_url, open_objects
    from assay.adapters.objects.tiles import ObjectTiles
    from assay.adapters.tile_store import TileFolder

    if is_object_url(place):
        return ObjectTiles(open_objects(place))
    return TileFolder(Path(place), confidential=confidential)
