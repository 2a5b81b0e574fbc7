"""What `assay verify PACK` found: what was proved, what was not, and what remains to trust."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.gate import OUTCOME_WORDS, count
from assay.documents.packs.index import Pack
from assay.documents.packs.layout import Audience, PackedEvent, statements_of
from assay.documents.recomputation import (
    Recomputation,
    recomputation_json,
    recomputed_lines,
    unrecomputed_lines,
)
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.erasure import erasure_of
from assay.policy.policy import Outcome

SCHEMA: Final = "assay.pack-verification/1"

_NAMED_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PackVerification:
    """A pack that holds what it claims.

    Attributes:
        pack: what it is about, each part shown.
        key_given: whether the key was given, or is the one that came with the pack.
        recomputation: what was derived again; None if that was not asked for.
        model: the path of a model that is the one that the pack is about, if one was given.
        cosigners: the names of the witnesses that cosigned its checkpoint, of those who were
            asked for; None if none were.
    """

    pack: Pack
    key_given: bool
    recomputation: Recomputation | None
    model: str | None = None
    cosigners: tuple[str, ...] | None = None

    @property
    def decision(self) -> PackedEvent | None:
        """The last decision in the pack."""
        made = [item for item in self.pack.entries if item.event.type == events.DECISION_MADE]
        return made[-1] if made else None


def render_pack_verification(found: PackVerification) -> str:
    """The verification in plain words."""
    pack = found.pack
    sections = [
        ("Recorded", "·", list(_recorded(found))),
        ("Proved", "✓", list(_proved(found))),
        ("Not proved", "○", list(_not_proved(found))),
        ("Remains to trust", " ", list(_trusted(found))),
    ]
    word = "VERIFIED" if found.key_given else "CONSISTENT"
    lines = [f"{word}  {pack.system} {pack.name}   pack for {_for(pack.audience)}"]
    for title, sign, findings in sections:
        if findings:
            lines += ["", title, *(f"  {sign} {finding}" for finding in findings)]
    return "\n".join(lines) + "\n"


def pack_verification_json(found: PackVerification) -> str:
    """The verification as JSON, schema `assay.pack-verification/1`."""
    pack, decision = found.pack, found.decision
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "verified": found.key_given,
        "consistent": True,
        "audience": pack.audience.value,
        "system": pack.system,
        "version": {"name": pack.name, "digest": pack.version},
        "log": {
            "origin": pack.checkpoint.origin,
            "key": pack.key,
            "key_given": found.key_given,
            "size": pack.checkpoint.size,
            "root": pack.checkpoint.root.hex(),
        },
        "decision": None if decision is None else _decision_json(decision),
        "entries": len(pack.entries),
        "statements": len(list(statements_of(pack.entries))),
        "contents": {
            state: sum(item.state == state for item in pack.contents)
            for state in ("here", "withheld", "erased", "absent")
        },
        "model": found.model,
        "cosigners": None if found.cosigners is None else list(found.cosigners),
        "recomputed": recomputation_json(found.recomputation),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _recorded(found: PackVerification) -> Iterator[str]:
    decision = found.decision
    if decision is None:
        yield "no decision: the version was measured, and not judged"
        return
    body = decision.event.body
    outcome = OUTCOME_WORDS[Outcome(str(body["outcome"]))]
    yield (
        f"{outcome} on {decision.event.time:%Y-%m-%d %H:%M:%S} UTC, tier {body['tier']}, by policy "
        f"{body['policy']}; entry {decision.index}, the last decision in the pack"
    )
    for item in found.pack.entries:
        if item.event.type == events.VERSION_PROMOTED:
            yield f"promoted to {item.event.body['stage']}; entry {item.index}"


def _proved(found: PackVerification) -> Iterator[str]:
    pack = found.pack
    kinds = Counter(item.event.type for item, _, _ in statements_of(pack.entries))
    said = ", ".join(
        count(kinds.pop(kind), word) for kind, word in _KINDS.items() if kinds.get(kind)
    )
    others = f", {count(sum(kinds.values()), 'other')}" if kinds else ""
    here = sum(item.state == "here" for item in pack.contents)
    yield "the files are those that the log's key signed as one pack: none changed, added or lost"
    yield (
        f"{count(len(pack.entries), 'entry', 'entries')} about the version, each in the log of "
        f"{count(pack.checkpoint.size, 'entry', 'entries')} with the signed root "
        f"{pack.checkpoint.root.hex()[:16]}…"
    )
    if said or others:
        yield f"signed by the same key, and what their entries say: {said}{others}"
    yield f"{count(here, 'content')} with the digests that the entries name"
    yield "each decision names the policy and the evidence here, each approval a decision here"
    if found.cosigners is not None:
        yield f"witnesses saw this state of the log, and no other: {', '.join(found.cosigners)}"
    if found.model is not None:
        yield f"{found.model} is the model that the version names"
    yield from recomputed_lines(found.recomputation)


def _not_proved(found: PackVerification) -> Iterator[str]:
    pack = found.pack
    yield "that the log has no further entry about the version; its keeper can show the log"
    withheld = [item.name for item in pack.contents if item.state == "withheld"]
    if withheld:
        yield f"what is kept back from a public pack: {', '.join(dict.fromkeys(withheld))}"
    gone = {item.digest for item in pack.contents if item.state == "erased"}
    for item in pack.entries:
        if item.event.type == events.BLOB_ERASED and item.event.body["content"] in gone:
            yield str(erasure_of(item.event, item.index))
    absent = [
        f"{item.name} {item.digest[:12]}…" for item in pack.contents if item.state == "absent"
    ]
    if absent:
        more = f" and {len(absent) - _NAMED_MAX} more" if len(absent) > _NAMED_MAX else ""
        yield f"what was not there any more when packed: {', '.join(absent[:_NAMED_MAX])}{more}"
    if found.recomputation is None:
        yield "that the figures follow from the tallies, which `--recompute` derives again"
    else:
        yield from unrecomputed_lines(found.recomputation)


def _trusted(found: PackVerification) -> Iterator[str]:
    yield (
        "That the key you gave is the log's, and its holder honest in what went in:"
        if found.key_given
        else "The key, which came with the pack: without --key, this shows only that it fits "
        "together."
    )
    yield found.pack.key
    yield "That data, scores and people are what the record says they are; the clock, too."


_KINDS: Final = {
    events.EVIDENCE_RECORDED: "evaluation",
    events.PROVENANCE_STATED: "provenance",
    events.STATEMENT_RECEIVED: "received statement",
    events.DECISION_MADE: "decision",
    events.APPROVAL_GIVEN: "approval",
    events.ATTESTATION_GIVEN: "attestation",
}


def _for(audience: Audience) -> str:
    return "an auditor" if audience is Audience.AUDITOR else "the public"


def _decision_json(item: PackedEvent) -> dict[str, Any]:
    body = item.event.body
    return {
        "outcome": body["outcome"],
        "tier": body["tier"],
        "policy": {"name": body["policy"], "digest": item.event.digests["policy"]},
        "time": instant_text(item.event.time),
        "statement": item.event.digests["statement"],
        "index": item.index,
    }
