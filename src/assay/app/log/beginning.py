"""The beginning of a workspace: its first event names its log and its key."""

from __future__ import annotations

from typing import Final

from assay.app.log.recording import Change, record
from assay.app.services import Services
from assay.governance import events
from assay.governance.events import PersonId
from assay.tlog.keys import VerifierKey

ASSAY: Final = PersonId("assay")
"""Who acts when nobody does: the program itself."""


def begin_workspace(services: Services) -> None:
    """Record the workspace's key as the journal's first event, unless that was done before."""
    if services.journal.head().size:
        return
    signer = services.signer
    key = VerifierKey(name=signer.name, public_key=signer.public_key)
    opened = Change(
        type=events.WORKSPACE_OPENED,
        subject="workspace",
        body={"origin": signer.name, "key": str(key)},
    )
    record(services, [opened], actor=ASSAY, at=services.clock.now(), expected={"workspace": 0})
