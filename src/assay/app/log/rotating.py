"""Handing a workspace's log on to a new key."""

from __future__ import annotations

from dataclasses import replace

from assay.app.log.recording import Change, record
from assay.app.log.verification import publish_checkpoint
from assay.app.people.access import require
from assay.app.people.people import acting
from assay.app.ports import Journal, Signer
from assay.app.services import Services
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import LOG_KEY
from assay.tlog.keys import VerifierKey
from assay.tlog.rotation import Rotation, hand_over
from assay.tlog.text import encode_base64


def rotate_key(services: Services, new: Signer, *, actor: str) -> Rotation:
    """Record that a new key signs from now on; the old one vouches for it.

    The checkpoint over that entry is signed by both keys, so that it continues what the old
    one signed, and is what the new one begins with. The old key's holder can go on signing
    afterwards, but whoever follows the log's keys accepts nothing of it.

    Args:
        services: the workspace, opened under the old key.
        new: a key of the same name, which no log was signed by before.
        actor: who does it.

    Raises:
        Refused: the person may not, or somebody else handed the log on meanwhile.
    """
    rotation = hand_over(services.signer, new)
    person = acting(services, actor)
    require(services, person.id, Permission.KEY_ROTATE)
    change = Change(
        type=events.KEY_ROTATED,
        subject=events.KEY_SUBJECT,
        body={
            "old": str(rotation.old),
            "new": str(rotation.new),
            "by_old": encode_base64(rotation.by_old),
            "by_new": encode_base64(rotation.by_new),
        },
    )
    # The new key signs the checkpoint, the old one beside it.
    handed = replace(services, signer=new, cosigners=(services.signer, *services.cosigners))
    record(
        handed,
        [*person.introduction, change],
        actor=person.id,
        at=services.clock.now(),
        expected={},
    )
    return rotation


def finish_rotation(journal: Journal, *, old: Signer, new: Signer) -> bool:
    """Make a rotation good that was interrupted; whether it had been recorded at all."""
    key = VerifierKey(name=new.name, public_key=new.public_key)
    if journal.record(LOG_KEY, str(key)) is None:
        return False
    publish_checkpoint(journal, new, others=[old])
    return True
