"""The ports: what the use cases need of the world, with the durability and order promised."""

from assay.app.ports.blobs import BlobStore
from assay.app.ports.drawing import Drawer, Image
from assay.app.ports.evaluation import (
    CheckCatalogue,
    Collected,
    Collector,
    Predicted,
    Predictor,
    RowCollector,
)
from assay.app.ports.journal import Clock, Entry, EntryPage, Head, Journal, TimeBehind
from assay.app.ports.log import (
    Anchor,
    Answer,
    CheckpointReplaced,
    Signer,
    TileStore,
    Witness,
    WitnessState,
)
from assay.app.ports.project import Project, Written

__all__ = [
    "Anchor",
    "Answer",
    "BlobStore",
    "CheckCatalogue",
    "CheckpointReplaced",
    "Clock",
    "Collected",
    "Collector",
    "Drawer",
    "Entry",
    "EntryPage",
    "Head",
    "Image",
    "Journal",
    "Predicted",
    "Predictor",
    "Project",
    "RowCollector",
    "Signer",
    "TileStore",
    "TimeBehind",
    "Witness",
    "WitnessState",
    "Written",
]
