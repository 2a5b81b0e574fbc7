"""Where content and published logs lie: in a folder, or in an object store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import ConfigurationError, suggest

if TYPE_CHECKING:
    from assay.app.ports import BlobStore, TileStore
    from assay.governance.erasure import Ground

BLOBS: Final = "blobs"


class UnknownGround(ConfigurationError):
    """Content is to be erased for a reason that is none of those that the log may hold."""

    code = "erasure.unknown-ground"


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


def retention_days(folder: Path) -> Mapping[str, int]:
    """How long the workspace in a folder keeps content, in days by kind."""
    from assay.adapters.settings import load_settings
    from assay.bootstrap.workspaces import WORKSPACE

    return load_settings(folder / WORKSPACE).retention_days


def ground_named(name: str) -> Ground:
    """The ground of an erasure by that name; raises UnknownGround."""
    from assay.governance.erasure import GROUND_WORDS, Ground

    known = {item.value: f"{item.value} ({words})" for item, words in GROUND_WORDS.items()}
    if name not in known:
        raise UnknownGround(
            f"{name!r} is no reason for which content is erased.",
            remedy=suggest(name, known, otherwise=f"Known: {', '.join(known.values())}."),
        )
    return Ground(name)


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
