"""What every use case is given: the ports, already met with adapters by `bootstrap`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.app.ports import BlobStore, Clock, Collector, Journal, Predictor, Signer
from assay.governance.access import Bearer
from assay.governance.stages import StageMachine


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One workspace: its journal, blobs and key, and the engines that fill tallies.

    Attributes:
        stages: where a version may stand, and what leads from one stage to another.
        signer: the log's key.
        cosigners: keys that sign every checkpoint and statement beside it, such as a team's.
        key_revision: how often the log had been handed on to another key when it was opened.
        random_bytes: `n` unpredictable bytes, for salts and opaque ids.
        separation_verified: whether identities come from a login; on a laptop they are
            asserted, and every decision says so.
        bearer: whom the token speaks for that was given, and what it may do.
    """

    clock: Clock
    journal: Journal
    blobs: BlobStore
    signer: Signer
    collector: Collector
    predictor: Predictor
    stages: StageMachine
    random_bytes: Callable[[int], bytes]
    separation_verified: bool = False
    bearer: Bearer | None = None
    cosigners: tuple[Signer, ...] = ()
    key_revision: int = 0
