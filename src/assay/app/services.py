"""What every use case is given: the ports, already met with adapters by `bootstrap`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.app.ports import BlobStore, Clock, Collector, Journal, Predictor, Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One workspace: its journal, blobs and key, and the engines that fill tallies.

    Attributes:
        random_bytes: `n` unpredictable bytes, for salts and opaque ids.
        separation_verified: whether identities come from a login; on a laptop they are
            asserted, and every decision says so.
    """

    clock: Clock
    journal: Journal
    blobs: BlobStore
    signer: Signer
    collector: Collector
    predictor: Predictor
    random_bytes: Callable[[int], bytes]
    separation_verified: bool = False
