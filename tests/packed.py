"""Packs for tests: of a version that was gated, approved and promoted, and changed ones."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from assay.adapters.engine import DuckDbCollector
from assay.adapters.keys import Ed25519Signer, Ed25519Verifier
from assay.adapters.loaders.stages import shipped_stages
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.predictor import SubprocessPredictor
from assay.adapters.project import LocalProject
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.life.approval import approve_version
from assay.app.life.promotion import promote_version
from assay.app.life.provenance import Training, state_provenance
from assay.app.log.beginning import begin_workspace
from assay.app.log.erasing import erase
from assay.app.packs.packing import pack_version
from assay.app.packs.pulling import judge, pull
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.packs.files import sums
from assay.documents.packs.index import Pack, index_json
from assay.documents.packs.layout import (
    SIGNATURE,
    SUMS,
    Audience,
    PackedEvent,
    contents_of,
    entry_file,
)
from assay.errors import AssayError
from assay.evidence.canonical import digest
from assay.evidence.envelopes import parse_envelope, seal
from assay.governance.erasure import Ground
from assay.governance.events import parse_entry
from assay.governance.fold import fold
from assay.governance.stages import PRODUCTION
from assay.tlog.checkpoint import Checkpoint, parse_checkpoint
from assay.tlog.merkle import leaf_hash, tree_root
from assay.tlog.note import Note, parse_note
from assay.tlog.offline_proof import OfflineProof
from assay.tlog.proofs import inclusion_proof

Files = dict[str, bytes]

SIGNER = Ed25519Signer.from_seed("test.assay.local", bytes(32))
OTHER = Ed25519Signer.from_seed("test.assay.local", b"o" * 32)
"""Somebody else's key, under the same name."""

ELSEWHERE = Ed25519Signer.from_seed("elsewhere.assay.local", b"e" * 32)
"""The key of another workspace."""

VERIFIER: Ed25519Verifier = SIGNER.verifier

TEXTS = {
    "assay.yaml": """\
assay: 1
system: {id: credit, purpose: Decide loans, owner: "team:lending", tier: high}
version: {name: 1.0.0, kind: binary-classifier, model: model.json}
data:
  evaluation:
    path: holdout.csv
    label: defaulted
    score: p_default
    decision: {favourable_when: "<", threshold: 0.5}
    protected: [sex, {age: [40]}]
policy: policy.yaml
documents: {model_card: card.yaml}
""",
    "policy.yaml": """\
policy: lending
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60}
  approval-gap:
    check: fairness.selection_rate_difference
    with: {by: [sex]}
    at_most: 0.20
approvals:
  high: [{role: validator}, {role: approver}]
""",
    "card.yaml": "model_details: {name: credit}\n",
    "model.json": '{"weights": [1]}',
}


@dataclass
class Ticking:
    """A clock that advances by a second at each reading."""

    time: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def repository(folder: Path, **texts: str) -> LocalProject:
    """A model's repository with seeded data; `texts` replace files by their stem."""
    for name, text in TEXTS.items():
        (folder / name).write_text(texts.get(Path(name).stem, text), encoding="utf-8")
    draw = random.Random(7)
    lines = ["sex,age,defaulted,p_default"]
    for index in range(900):
        score = draw.betavariate(2, 2)
        age = draw.randrange(18, 80)
        lines.append(f"{'FM'[index % 2]},{age},{int(draw.random() < score)},{score:.4f}")
    (folder / "holdout.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return LocalProject(folder / "assay.yaml")


def workspace() -> Services:
    """A workspace in memory, begun."""
    counter = iter(range(1_000_000))
    services = Services(
        clock=Ticking(),
        journal=MemoryJournal(fold=fold),
        blobs=MemoryBlobs(),
        signer=SIGNER,
        collector=DuckDbCollector(threads=1),
        predictor=SubprocessPredictor(),
        stages=shipped_stages(),
        random_bytes=lambda size: next(counter).to_bytes(size, "big"),
    )
    begin_workspace(services)
    return services


def live(services: Services, project: Project) -> None:
    """Gate the version, let two people approve it, and promote it if that was enough."""
    gate_version(services, project, actor="ada")
    for actor, role in (("ben", "validator"), ("cleo", "approver")):
        version = find_version(services, "credit", "1.0.0")
        report = approve_version(
            services, project, version, actor=actor, role=role, reason="It holds."
        )
    if report.decision.outcome.value == "allow":
        version = find_version(services, "credit", "1.0.0")
        promote_version(services, project, version, actor="cleo", stage=PRODUCTION)


def packed(
    services: Services, audience: Audience = Audience.AUDITOR, version: str = "1.0.0"
) -> Files:
    """The files of the version's pack."""
    found = find_version(services, "credit", version)
    return dict(pack_version(services, found, audience=audience).files)


@cache
def _story() -> Services:
    with tempfile.TemporaryDirectory() as folder:
        services = workspace()
        live(services, repository(Path(folder)))
    return services


def a_story() -> Services:
    """A workspace of its own with a version in production, the same for all tests."""
    return copied(_story())


def copied(services: Services) -> Services:
    """The same workspace in other memory, with the same entries, checkpoints and blobs."""
    journal, blobs = MemoryJournal(fold=fold), MemoryBlobs()
    for entry in services.journal.entries():
        journal.append([parse_entry(entry.data)], expected={})
    for size, note in services.journal.checkpoints():
        journal.add_checkpoint(size, note)
    assert isinstance(services.blobs, MemoryBlobs)
    for data in services.blobs._contents.values():
        blobs.put(data)
    clock = Ticking()
    clock.time = services.journal.head().time or clock.time
    counter = iter(range(1_000_000, 2_000_000))
    return replace(
        services,
        journal=journal,
        blobs=blobs,
        clock=clock,
        random_bytes=lambda size: next(counter).to_bytes(size, "big"),
    )


@cache
def _pack(audience: Audience) -> Files:
    return packed(_story(), audience)


def a_pack(audience: Audience = Audience.AUDITOR) -> Files:
    """A pack of a version in production, the same for all tests."""
    return dict(_pack(audience))


@cache
def _rich() -> Files:
    mine = workspace()
    other = replace(
        workspace(), journal=MemoryJournal(fold=fold), blobs=MemoryBlobs(), signer=ELSEWHERE
    )
    begin_workspace(other)
    with tempfile.TemporaryDirectory() as folder:
        project = repository(Path(folder))
        live(other, project)
        taken = pull(mine, packed(other), verifiers=[ELSEWHERE.verifier], actor="hugo")
        judge(mine, project, taken.version, actor="hugo")
        training = Training(builder="https://ci.example", parameters={"seed": "1"})
        state_provenance(mine, taken.version, training, actor="hugo")
        erase(mine, "ada", ground=Ground.REQUEST, actor="dora")
    return packed(mine)


def a_rich_pack() -> Files:
    """A pack with what else a log may tell: received statements, provenance, an erasure."""
    return dict(_rich())


def resealed(files: Mapping[str, bytes], signer: Ed25519Signer = SIGNER) -> Files:
    """The files with their list made and signed anew, as only the key's holder can."""
    listed = {name: data for name, data in files.items() if name not in {SUMS, SIGNATURE}}
    listed[SUMS] = sums(listed)
    return {**listed, SIGNATURE: signer.sign(listed[SUMS])}


def changed(files: Mapping[str, bytes], name: str, change: Callable[[bytes], bytes]) -> Files:
    """The files with one of them changed, in its place."""
    assert name in files
    return {key: change(data) if key == name else data for key, data in files.items()}


def named(files: Mapping[str, bytes], start: str, number: int = 0) -> str:
    """The name of a file that begins so."""
    return [name for name in files if name.startswith(start)][number]


def relogged(files: Mapping[str, bytes], entries: Mapping[int, bytes]) -> Files:
    """The pack of another log, in which some entries were others from the beginning.

    Everything that the key's holder can sign is signed: checkpoint, proofs and list.
    """
    every = {
        int(name.split("/")[1].removesuffix(".json")): data
        for name, data in files.items()
        if name.startswith("entries/") and name.endswith(".json")
    }
    every.update(entries)
    size = max(every) + 1
    leaves = [leaf_hash(every.get(index, b"")) for index in range(size)]

    def roots(start: int, end: int) -> bytes:
        return tree_root(leaves[start:end])

    text = str(Checkpoint(origin=SIGNER.name, size=size, root=roots(0, size)))
    note = Note(text=text).signed(SIGNER).to_bytes()
    again: Files = {}
    for name, data in files.items():
        again[name] = data
        if name == "checkpoint":
            again[name] = note
        if name.startswith("entries/"):
            index = int(name.split("/")[1].partition(".")[0])
            proof = OfflineProof(
                index=index, hashes=inclusion_proof(index, size, roots), checkpoint=note
            )
            again[name] = every[index] if name.endswith(".json") else proof.to_bytes()
    return resealed(_reindexed(again, size))


def _reindexed(files: Files, size: int) -> Files:
    """The files with the index that follows from their entries, if they can be read at all."""
    try:
        entries = tuple(
            PackedEvent(index=index, event=parse_entry(files[entry_file(index)]))
            for index in range(size)
            if entry_file(index) in files
        )
        checkpoint = parse_checkpoint(parse_note(files["checkpoint"]).text)
        told = json.loads(files["index.json"])
        audience = Audience(told["audience"])
        contents = contents_of(entries, audience, lambda content: content.file in files)
    except AssayError:
        return files
    pack = Pack(
        audience=audience,
        system=told["system"],
        version=told["version"]["digest"],
        name=told["version"]["name"],
        key=str(SIGNER.key),
        checkpoint=checkpoint,
        entries=entries,
        contents=contents,
    )
    return changed(files, "index.json", lambda _: index_json(pack))


def reforged(files: Mapping[str, bytes], edits: Mapping[str, bytes]) -> Files:
    """The pack of a log in which contents, statements or entries were others from the beginning.

    Whatever names something by digest follows, and all that the key's holder signs is signed.

    Args:
        files: the pack.
        edits: new bytes by the name of a file; of a statement's file, its new payload.
    """
    swaps: dict[bytes, bytes] = {}
    again: Files = {}
    for name in (name for name in files if name.startswith("contents/")):
        again[name] = edits.get(name, files[name])
        _swap(swaps, files[name], again[name])
    entries: dict[int, bytes] = {}
    for index in range(len(files)):
        file = entry_file(index)
        if file not in files:
            continue
        statement = f"statements/{_statement_of(files[file])}.dsse.json"
        if statement in files:
            old = parse_envelope(files[statement]).payload
            payload = _follow(edits.get(statement, old), swaps)
            again[statement] = files[statement] if payload == old else seal(payload, SIGNER)
            _swap(swaps, old, payload)
            _swap(swaps, files[statement], again[statement])
        entries[index] = _follow(edits.get(file, files[file]), swaps)
    renamed = {
        _follow(name.encode(), swaps).decode(): again.get(name, data)
        for name, data in files.items()
    }
    return relogged(renamed, entries)


def _statement_of(entry: bytes) -> str:
    """The id of an entry's statement; "" where the entry is none or names none."""
    try:
        found = json.loads(entry)["digests"]["statement"]
    except (KeyError, TypeError, ValueError):
        return ""
    return found if isinstance(found, str) else ""


def _swap(swaps: dict[bytes, bytes], old: bytes, new: bytes) -> None:
    if old != new:
        swaps[digest(old).encode()] = digest(new).encode()


def _follow(data: bytes, swaps: Mapping[bytes, bytes]) -> bytes:
    for old, new in swaps.items():
        data = data.replace(old, new)
    return data


def statement_file(files: Mapping[str, bytes], index: int) -> str:
    """The file of an entry's statement."""
    return f"statements/{_statement_of(files[entry_file(index)])}.dsse.json"


def payload_of(files: Mapping[str, bytes], index: int) -> Any:
    """The statement of an entry, as parsed from JSON."""
    return json.loads(parse_envelope(files[statement_file(files, index)]).payload)


def restated(files: Mapping[str, bytes], index: int, change: Callable[[Any], None]) -> Files:
    """The pack of a log in which an entry's statement says something else.

    Args:
        files: the pack.
        index: of the entry.
        change: changes the statement, as parsed from JSON, in place.
    """
    statement = payload_of(files, index)
    change(statement)
    return reforged(files, {statement_file(files, index): canonical_json(statement)})


def canonical_json(value: Any) -> bytes:
    """Canonical JSON of a value without floats and with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
