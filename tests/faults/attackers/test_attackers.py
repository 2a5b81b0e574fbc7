"""Every row of docs/reference/threats.md, carried out."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs
from tests.faults.attackers.scene import OTHER, WITNESS, Scene, edited, memory, resaid
from tests.packed import SIGNER, VERIFIER, a_story, packed

from assay.adapters.keys import Ed25519Signer
from assay.adapters.plugins import find_checks
from assay.adapters.project import RecordedTexts
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.tile_store import TileFolder
from assay.app.judging.replay import Recorded, find_version
from assay.app.log.publishing import demand_continuation, publish_bundles
from assay.app.log.rotating import rotate_key
from assay.app.log.verification import publish_checkpoint, verify_journal
from assay.app.packs.packing import pack_version
from assay.app.packs.recomputing import recompute_journal
from assay.app.packs.verification import verify_pack
from assay.documents.packs.layout import Audience
from assay.errors import AssayError
from assay.evidence.canonical import canonical
from assay.evidence.envelopes import parse_envelope, seal
from assay.evidence.statements import statement_id
from assay.governance import events
from assay.governance.events import KEY_SUBJECT, Event
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport
from assay.tlog.checkpoint import Checkpoint
from assay.tlog.note import Note, parse_note
from assay.tlog.rotation import hand_over

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "threats.md"
ROWS = re.findall(r"^\| `([a-z-]+)`[^|]*\|([^|]*)\|([^|]*)\|$", PAGE.read_text(), re.MULTILINE)

Attack = Callable[[Scene], object]
ATTACKS: dict[str, Attack] = {}


def attack(run: Attack) -> Attack:
    """An attack and what is done then, under the name of its row."""
    ATTACKS[run.__name__.replace("_", "-")] = run
    return run


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a scene that nobody has attacked."""
    return Scene(tmp_path_factory.mktemp("before"), a_story()).folder


@pytest.fixture
def scene(before: Path, tmp_path: Path) -> Scene:
    shutil.copytree(before, tmp_path / "scene")
    return Scene(tmp_path / "scene")


def test_every_row_is_an_attack_that_is_carried_out() -> None:
    """No row stands there without its test, and no test without its row."""
    assert sorted(name for name, _, _ in ROWS) == sorted(ATTACKS)


def test_before_any_attack_everything_verifies(scene: Scene) -> None:
    """Otherwise the rows would show nothing."""
    report = scene.verify(witnessed=True)
    assert report.unsigned == report.absent_count == 0
    assert report.witnessed == report.size
    scene.publish()
    scene.anchor()


@pytest.mark.parametrize(("name", "shown", "code"), ROWS, ids=[row[0] for row in ROWS])
def test_what_shows_it(scene: Scene, name: str, shown: str, code: str) -> None:
    """The error has the row's code; where the row says nothing, nothing is raised."""
    codes = re.findall(r"`([a-z.-]+)`", code)
    if not codes:
        assert "nothing" in shown or "reported" in code
        ATTACKS[name](scene)
        return
    with pytest.raises(AssayError) as found:
        ATTACKS[name](scene)
    assert [found.value.code] == codes


def _index(scene: Scene, kind: str, number: int = -1) -> int:
    """Where an entry of a type is."""
    found = [index for index, event in enumerate(scene.events()) if event.type == kind]
    return found[number]


# Who can write to everything but has no key.


@attack
def edit_in_place(scene: Scene) -> None:
    """Replace a tier in the bytes of one entry."""
    index = _index(scene, events.DECISION_MADE, 0)
    scene.sql(
        "UPDATE entries SET data = CAST(replace(CAST(data AS TEXT), '\"high\"', '\"low\"') "
        f'AS BLOB) WHERE "index" = {index}'
    )
    scene.verify()


@attack
def edit_and_mend(scene: Scene) -> None:
    scene.rewritten(edited(_index(scene, events.VERSION_PROMOTED), stage="development"))
    scene.verify()


@attack
def delete(scene: Scene) -> None:
    index = _index(scene, events.APPROVAL_GIVEN)
    scene.rewritten(lambda told: told[:index] + told[index + 1 :], keep=lambda size: size > 1)
    scene.verify()


@attack
def truncate(scene: Scene) -> None:
    size = len(scene.events())
    scene.sql(f'DELETE FROM entries WHERE "index" >= {size - 2}')
    scene.verify()


@attack
def reorder(scene: Scene) -> None:
    def swap(told: list[Event]) -> list[Event]:
        first = structs.replace(told[3], time=told[2].time)
        return [*told[:2], first, structs.replace(told[2], time=told[3].time), *told[4:]]

    scene.rewritten(swap)
    scene.verify()


@attack
def back_date(scene: Scene) -> None:
    def earlier(told: list[Event]) -> list[Event]:
        return [*told[:-1], structs.replace(told[-1], time=told[-2].time)]

    scene.rewritten(earlier)
    scene.verify()


@attack
def rewrite_unsigned(scene: Scene) -> None:
    scene.rewritten(
        edited(_index(scene, events.VERSION_PROMOTED), stage="development"), keep=lambda _: False
    )
    report = scene.verify()
    assert (report.signed, report.checkpoints) == (0, 0)
    scene.publish()


@attack
def roll_back(scene: Scene) -> None:
    size = sorted(scene.notes())[-2]
    scene.rewritten(lambda told: told[:size])
    scene.verify()
    scene.publish()


def _rolled_back_everywhere(scene: Scene) -> None:
    """The journal and the published log as they were before the last checkpoint."""
    size = sorted(scene.notes())[-2]
    scene.rewritten(lambda told: told[:size])
    for place in (scene.public, scene.bundles):
        for path in sorted(place.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
    scene.publish_alone("public")
    scene.verify()


@attack
def roll_back_both(scene: Scene) -> None:
    _rolled_back_everywhere(scene)
    scene.anchor()


@attack
def roll_back_both_witnessed(scene: Scene) -> None:
    _rolled_back_everywhere(scene)
    scene.publish(place="elsewhere")


@attack
def replay_checkpoint(scene: Scene) -> None:
    first, *_, last = sorted(scene.notes())
    scene.sql(
        f"UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = {first}) "
        f"WHERE size = {last}"
    )
    scene.verify()


def _forged(size: int, root: bytes) -> bytes:
    return (
        Note(text=str(Checkpoint(origin=SIGNER.name, size=size, root=root)))
        .signed(OTHER)
        .to_bytes()
    )


@attack
def forge_checkpoint(scene: Scene) -> None:
    scene.rewritten(edited(_index(scene, events.VERSION_PROMOTED), stage="development"))
    with open_sqlite(scene.database, fold=fold) as journal:
        head = journal.head()
        journal.add_checkpoint(head.size, _forged(head.size, head.root))
    for size in sorted(scene.notes())[:-1]:
        scene.sql(f"DELETE FROM checkpoints WHERE size = {size}")
    scene.verify()


@attack
def forge_published(scene: Scene) -> None:
    tiles = TileFolder(scene.public)
    note = parse_note(tiles.checkpoint() or b"")
    tiles.set_checkpoint(dataclasses.replace(note, signatures=()).signed(OTHER).to_bytes())
    scene.publish()


@attack
def swap_blobs(scene: Scene) -> None:
    recorded = scene.events()[_index(scene, events.EVIDENCE_RECORDED)].digests
    files = [scene.blobs._path(recorded[name]) for name in ("tallies", "recipe")]
    data = [file.read_bytes() for file in files]
    for file, swapped in zip(files, reversed(data), strict=True):
        file.write_bytes(swapped)
    scene.verify()


@attack
def reword_statement(scene: Scene) -> None:
    """A new envelope, and an entry that names it, since the old one's digest would show it."""
    index = _index(scene, events.APPROVAL_GIVEN)
    digests = scene.events()[index].digests
    envelope = resaid(scene.blobs.get(digests["envelope"]), "approver", "validator")
    payload = parse_envelope(envelope).payload
    named = {"envelope": scene.blobs.put(envelope), "statement": statement_id(payload)}

    def change(told: list[Event]) -> list[Event]:
        told[index] = structs.replace(told[index], digests={**told[index].digests, **named})
        return told

    scene.rewritten(change)
    scene.verify()


@attack
def append_decision(scene: Scene) -> None:
    told = scene.events()
    denied = told[_index(scene, events.DECISION_MADE, 0)]
    payload = parse_envelope(scene.blobs.get(denied.digests["envelope"])).payload
    forged = seal(payload.replace(b'"hold"', b'"allow"'), OTHER)
    statement = statement_id(parse_envelope(forged).payload)
    digests = {**denied.digests, "envelope": scene.blobs.put(forged), "statement": statement}
    made = structs.replace(
        denied,
        time=told[-1].time,
        body={**denied.body, "outcome": "allow"},
        digests=digests,
    )
    scene.rewritten(lambda before: [*before, made])
    scene.sign()
    scene.verify()


@attack
def append_promotion(scene: Scene) -> None:
    told = scene.events()
    held = told[_index(scene, events.DECISION_MADE, 0)]
    promoted = told[_index(scene, events.VERSION_PROMOTED)]
    assert held.body["outcome"] == "hold"
    body = {**promoted.body, "decision": held.digests["statement"]}
    scene.rewritten(lambda before: [*before, structs.replace(promoted, body=body)])
    scene.sign()
    scene.verify()
    with open_sqlite(scene.database, fold=fold) as journal:
        services = dataclasses.replace(a_story(), journal=journal, blobs=scene.blobs)
        version = find_version(services, "credit", "1.0.0")
        files = pack_version(services, version, audience=Audience.AUDITOR).files
    verify_pack(dict(files), verifiers=[VERIFIER])


@attack
def forge_projection(scene: Scene) -> None:
    scene.sql(
        "UPDATE records SET value = CAST(replace(CAST(value AS TEXT), 'production', 'retired') "
        "AS BLOB) WHERE kind = 'version'"
    )
    scene.verify(state=False)
    scene.verify()


@attack
def drop_record(scene: Scene) -> None:
    scene.sql("DELETE FROM records WHERE kind = 'approval'")
    scene.verify()


@attack
def edit_tile(scene: Scene) -> None:
    (path,) = (path for path in scene.public.rglob("*") if path.parent.name == "000.p")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    _grow(scene)
    scene.publish()


@attack
def edit_bundle(scene: Scene) -> None:
    (path,) = (path for path in scene.bundles.rglob("*") if path.parent.name == "000.p")
    path.write_bytes(path.read_bytes().replace(b"production", b"validation"))
    _grow(scene)
    with open_sqlite(scene.database, fold=fold) as journal:
        publish_bundles(journal, SIGNER, TileFolder(scene.bundles))


def _grow(scene: Scene) -> None:
    """The keeper goes on."""
    with open_sqlite(scene.database, fold=fold) as journal:
        last = scene.events()[-1]
        journal.append([last], expected={})


@attack
def hand_over_key(scene: Scene) -> None:
    rotation = hand_over(OTHER, Ed25519Signer.from_seed(SIGNER.name, b"n" * 32))
    told = scene.events()
    body = {
        "old": str(SIGNER.key),
        "new": str(rotation.new),
        "by_old": base64.b64encode(rotation.by_old).decode(),
        "by_new": base64.b64encode(rotation.by_new).decode(),
    }
    event = Event(
        type=events.KEY_ROTATED,
        time=told[-1].time,
        actor=told[-1].actor,
        subject=KEY_SUBJECT,
        body=body,
    )
    scene.rewritten(lambda before: [*before, event])
    scene.verify()


@attack
def erase_unsaid(scene: Scene) -> None:
    recorded = scene.events()[_index(scene, events.EVIDENCE_RECORDED)].digests
    scene.blobs.erase(recorded["tallies"])
    report: VerificationReport = scene.verify()
    assert (report.absent, report.erased_count) == ((recorded["tallies"],), 0)


# Who holds the key.


def _second(told: list[Event]) -> list[Event]:
    """Another history: the version was never promoted, and something else follows."""
    return [
        *told[:-1],
        structs.replace(
            told[0],
            type=events.CLOCK_SET_BACK,
            time=told[-1].time,
            body={"observed": "x", "held": "y"},
        ),
    ]


@attack
def fork(scene: Scene) -> None:
    scene.forked(_second)
    scene.verify()
    with pytest.raises(AssayError) as found:
        scene.anchor()
    assert found.value.code == "publishing.forked"
    scene.publish()


@attack
def fork_alone(scene: Scene) -> None:
    scene.forked(_second)
    assert scene.verify().unsigned == 0


@attack
def fork_witnessed(scene: Scene) -> None:
    scene.forked(_second)
    scene.publish(place="elsewhere")


@attack
def fork_unwitnessed(scene: Scene) -> None:
    scene.forked(_second)
    scene.publish_alone("elsewhere")
    scene.verify(witnessed=True)


@attack
def split_view(scene: Scene) -> None:
    """Each reader finds a whole log; together they find that one begins otherwise."""
    first, told = scene.verify(), scene.events()
    scene.forked(_second)
    second = scene.verify()
    assert (first.size, first.unsigned, second.unsigned) == (second.size, 0, 0)
    assert first.root != second.root
    shown = Checkpoint(origin=SIGNER.name, size=first.size, root=first.root)
    demand_continuation(memory(told), shown)
    with open_sqlite(scene.database, fold=fold) as journal, pytest.raises(AssayError):
        demand_continuation(journal, shown)


@attack
def roll_back_signed(scene: Scene) -> None:
    scene.forked(lambda told: told[:-2])
    scene.verify()
    scene.anchor()


@attack
def roll_back_witnessed(scene: Scene) -> None:
    scene.forked(lambda told: told[:-2])
    scene.publish(place="elsewhere")


@attack
def contradict_pack(scene: Scene) -> None:
    pack = verify_pack(packed(a_story()), verifiers=[VERIFIER])
    scene.forked(_second)
    with open_sqlite(scene.database, fold=fold) as journal:
        demand_continuation(journal, pack.checkpoint)


@attack
def back_date_signed(scene: Scene) -> None:
    """The program itself refuses to append it, so the attacker writes the table."""
    told = scene.events()
    week = timedelta(days=7)

    def late(before: list[Event]) -> list[Event]:
        return [*before[:-1], structs.replace(before[-1], time=before[-1].time - week)]

    changed = late(told)
    journal = memory(told[:-1])
    journal._time = None
    journal.append(changed[-1:], expected={})
    journal._checkpoints.clear()
    publish_checkpoint(journal, SIGNER)
    verify_journal(
        journal,
        origin=SIGNER.name,
        verifiers=[VERIFIER],
        blobs=scene.blobs,
        fold=fold,
    )


@attack
def back_date_all(scene: Scene) -> None:
    """Statements hold their times too, so without them the dates of entries are free."""
    year = timedelta(days=365)
    scene.forked(
        lambda told: [structs.replace(event, time=event.time - year) for event in told[:3]]
    )
    assert scene.verify().unsigned == 0
    scene.state._path.unlink()  # A witness that is asked for the first time.
    scene.publish(place="elsewhere")
    note = parse_note((scene.folder / "elsewhere" / "checkpoint").read_bytes())
    (line,) = (line for line in note.signatures if line.name == WITNESS.name)
    asked = int.from_bytes(line.signature[:8], "big")
    assert asked - scene.events()[-1].time.timestamp() > year.total_seconds() - 86400 * 2


@attack
def sign_other_figures(scene: Scene) -> None:
    """The whole evaluation is stated and signed anew, with a better figure."""
    index = _index(scene, events.EVIDENCE_RECORDED)
    digests = scene.events()[index].digests
    said = json.loads(parse_envelope(scene.blobs.get(digests["envelope"])).payload)
    (first, *_) = said["predicate"]["assay_measurements"]
    assert first["value"] != "0.99"
    first["value"] = "0.99"
    payload = canonical(said)
    named = {
        "statement": statement_id(payload),
        "envelope": scene.blobs.put(seal(payload, SIGNER)),
    }

    def change(told: list[Event]) -> list[Event]:
        told[index] = structs.replace(told[index], digests={**told[index].digests, **named})
        return told[: index + 1]

    scene.forked(change)
    scene.verify()
    with open_sqlite(scene.database, fold=fold) as journal:
        recorded = Recorded(
            records=journal,
            blobs=scene.blobs,
            texts=RecordedTexts(),
            catalogue=find_checks(),
        )
        recompute_journal(recorded, verifiers=[VERIFIER])


@attack
def use_rotated_key(scene: Scene) -> None:
    new = Ed25519Signer.from_seed(SIGNER.name, b"n" * 32)
    with open_sqlite(scene.database, fold=fold) as journal:
        services = dataclasses.replace(a_story(), journal=journal, blobs=scene.blobs)
        rotate_key(services, new, actor="ada")
        scene.verify()
        journal.append(_second(scene.events())[-1:], expected={})
        head = journal.head()
        text = str(Checkpoint(origin=SIGNER.name, size=head.size, root=head.root))
        journal.add_checkpoint(head.size, Note(text=text).signed(SIGNER).to_bytes())
    scene.verify()


@attack
def invent_data(scene: Scene) -> None:
    """What was gated here is made of random numbers, and everything verifies."""
    assert scene.verify().statements > 0
