"""A pack proves what it claims or is refused, with the file at which it fails."""

import json

import pytest
from tests.packed import (
    OTHER,
    SIGNER,
    TEXTS,
    VERIFIER,
    a_pack,
    canonical_json,
    changed,
    named,
    packed,
    reforged,
    relogged,
    repository,
    resealed,
    restated,
    workspace,
)

from assay.adapters.keys import Ed25519Signer
from assay.app.judging.gate import gate_version
from assay.app.packs.unpacking.outside import pack_key
from assay.app.packs.unpacking.problems import (
    PackedContentChanged,
    PackedEntryRejected,
    PackedProofRejected,
    PackedStatementRejected,
    PackIncomplete,
    PackIndexDiffers,
    PackKeyDiffers,
    PackLinkBroken,
    PackNotSigned,
    PackProblem,
    PackStray,
)
from assay.app.packs.verification import verify_pack
from assay.documents.packs.layout import Audience
from assay.errors import VerificationFailed

EVALUATED, DECIDED, APPROVED, ALLOWED, PROMOTED = 4, 5, 7, 11, 12
"""Where the entries of the pack are in its log."""


def verify(files, verifiers=(VERIFIER,)):
    return verify_pack(files, verifiers=verifiers)


def refused(files, problem, file):
    """Verify, and expect a problem at a file."""
    with pytest.raises(problem) as found:
        verify(files)
    assert isinstance(found.value, PackProblem)
    assert found.value.where == file
    return found.value.what


def edited(files, index, change):
    """The pack of a log in which an entry said something else from the beginning."""
    entry = json.loads(files[f"entries/{index}.json"])
    change(entry)
    return relogged(files, {index: canonical_json(entry)})


@pytest.mark.parametrize("audience", Audience)
def test_a_pack_proves_what_it_claims(audience):
    """Every entry, statement and content is checked; nothing is missing."""
    pack = verify(a_pack(audience))
    assert (pack.system, pack.name, pack.audience) == ("credit", "1.0.0", audience)
    assert [item.index for item in pack.entries] == list(range(13))
    assert pack.checkpoint.size == 13


def test_the_helpers_of_these_tests_change_nothing_by_themselves():
    """A pack that was signed or logged anew without a change is the very same."""
    files = a_pack()
    assert resealed(files) == files
    assert relogged(files, {}) == files
    assert reforged(files, {}) == files


class TestWithoutTheKey:
    """Whoever does not hold the log's key can change nothing."""

    @pytest.mark.parametrize("name", sorted(set(a_pack()) - {"SHA256SUMS", "SHA256SUMS.sig"}))
    def test_a_changed_file_is_named(self, name):
        """One bit of any file, in a zip that is whole again."""
        files = changed(a_pack(), name, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(PackProblem) as found:
            verify(files)
        assert found.value.where in {name, "log.pem" if name == "log.vkey" else name}

    def test_a_list_that_was_mended_is_not_signed(self):
        """Who changes a file and its digest in the list lacks the signature."""
        files = changed(a_pack(), "README.md", lambda data: data + b"Trust me.\n")
        mended = resealed(files)
        mended["SHA256SUMS.sig"] = files["SHA256SUMS.sig"]
        refused(mended, PackNotSigned, "SHA256SUMS")

    def test_signing_by_another_key_does_not_help(self):
        """The name of a key is not the key."""
        files = changed(a_pack(), "README.md", lambda data: data + b"Trust me.\n")
        refused(resealed(files, OTHER), PackNotSigned, "SHA256SUMS")

    def test_a_pack_of_another_key_is_refused(self):
        """A whole pack by another key, under the same log's name, is not the log's."""
        with pytest.raises(PackKeyDiffers) as found:
            verify(a_pack(), verifiers=[OTHER.verifier])
        assert found.value.where == "log.vkey"

    def test_the_same_key_under_another_name_is_refused(self):
        """A key is trusted for one log."""
        other = Ed25519Signer.from_seed("another.assay.local", bytes(32))
        with pytest.raises(PackKeyDiffers):
            verify(a_pack(), verifiers=[other.verifier])

    def test_a_later_denial_cannot_be_left_out(self):
        """Taking out entries leaves proofs and statements whole, but not the signed list."""
        files = a_pack()
        for name in (f"entries/{PROMOTED}.json", f"entries/{PROMOTED}.tlog-proof"):
            del files[name]
        refused(files, PackIncomplete, f"entries/{PROMOTED}.json")
        cut = resealed(files, OTHER)
        refused(cut, PackNotSigned, "SHA256SUMS")

    def test_a_stray_file_is_named(self):
        """Nothing may be added, not even beside the list."""
        refused({**a_pack(), "zz.txt": b""}, PackStray, "zz.txt")

    def test_order_counts(self):
        """The files stand in the order of the list."""
        files = a_pack()
        readme = files.pop("README.md")
        with pytest.raises(PackStray):
            verify({**files, "README.md": readme})


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "index.json",
        "log.vkey",
        "log.pem",
        "checkpoint",
        "SHA256SUMS",
        "SHA256SUMS.sig",
    ],
)
def test_a_file_that_every_pack_has(name):
    """Without it, the archive is no pack, and the error names it."""
    files = a_pack()
    del files[name]
    refused(files, PackIncomplete, name)


@pytest.mark.parametrize(
    "key", [b"", b"\xff", b"name+00000000+AAAA\n", b"one\ntwo\n", str(SIGNER.key).encode()]
)
def test_a_key_that_is_none(key):
    """The key has one spelling, with its line feed."""
    with pytest.raises(PackKeyDiffers):
        pack_key({**a_pack(), "log.vkey": key})


def test_a_list_that_is_none():
    """The list of files has one spelling."""
    for text in (b"", b"abc", b"\xff\n", a_pack()["SHA256SUMS"] * 2):
        files = {**a_pack(), "SHA256SUMS": text, "SHA256SUMS.sig": SIGNER.sign(text)}
        with pytest.raises(VerificationFailed) as found:
            verify(files)
        assert found.value.where in {"SHA256SUMS", "README.md"}


class TestByTheKeysHolder:
    """Whoever holds the key can sign anything, but not make what does not fit together pass."""

    def test_an_entry_in_another_spelling(self):
        """An entry is canonical, or none."""
        files = a_pack()
        spaced = files["entries/2.json"].replace(b":", b": ")
        refused(relogged(files, {2: spaced}), PackedEntryRejected, "entries/2.json")

    def test_an_entry_that_is_not_in_the_log(self):
        """An entry that was changed after the log was signed has no proof."""
        files = changed(a_pack(), "entries/2.json", lambda data: data.replace(b"high", b"low"))
        refused(resealed(files), PackedProofRejected, "entries/2.tlog-proof")

    def test_a_proof_of_another_entry(self):
        """A proof is of its own entry."""
        files = a_pack()
        files["entries/2.tlog-proof"] = files["entries/3.tlog-proof"]
        refused(resealed(files), PackedProofRejected, "entries/2.tlog-proof")

    def test_a_proof_that_leads_to_another_checkpoint(self):
        """All proofs lead to the one checkpoint of the pack."""
        files = changed(
            a_pack(), "entries/2.tlog-proof", lambda data: data.replace(b"\n13\n", b"\n14\n")
        )
        refused(resealed(files), PackedProofRejected, "entries/2.tlog-proof")

    def test_a_proof_with_extra_data(self):
        """A proof carries nothing that the log does not cover."""
        files = changed(
            a_pack(),
            "entries/2.tlog-proof",
            lambda data: data.replace(b"index", b"extra AA==\nindex"),
        )
        refused(resealed(files), PackedProofRejected, "entries/2.tlog-proof")

    def test_a_missing_proof(self):
        """Each entry has one."""
        files = a_pack()
        del files["entries/2.tlog-proof"]
        refused(resealed(files), PackIncomplete, "entries/2.tlog-proof")

    def test_a_checkpoint_that_another_key_signed(self):
        """The checkpoint is the log's."""
        files = a_pack()
        text, _, _ = files["checkpoint"].partition(b"\n\n")
        files["checkpoint"] = text + b"\n\n" + b"\xe2\x80\x94 test.assay.local AAAAAAAAAAA=\n"
        refused(resealed(files), PackedProofRejected, "checkpoint")

    def test_an_entry_about_another_version(self):
        """A pack is about one version."""

        def change(entry):
            entry["subject"] = f"version/credit/{'0' * 64}"

        refused(edited(a_pack(), PROMOTED, change), PackedEntryRejected, "entries/12.json")

    def test_a_person_who_had_no_part(self):
        """Nobody is in a pack who did not act."""

        def change(entry):
            entry["body"]["person"] = "somebody"

        refused(edited(a_pack(), 6, change), PackedEntryRejected, "entries/6.json")

    def test_an_entry_that_opens_another_log(self):
        """The first entry names the log that the checkpoint is of."""

        def change(entry):
            entry["body"]["origin"] = "another.assay.local"

        refused(edited(a_pack(), 0, change), PackedEntryRejected, "entries/0.json")

    def test_time_that_runs_backwards(self):
        """Entries do not become older."""

        def change(entry):
            entry["time"] = "2025-01-01T00:00:00.000000Z"

        refused(edited(a_pack(), 9, change), PackedEntryRejected, "entries/9.json")

    def test_components_of_another_version(self):
        """A version's digest is that of its components."""

        def change(entry):
            entry["body"]["components"]["model"]["sha256"] = "0" * 64

        refused(edited(a_pack(), 3, change), PackedEntryRejected, "entries/3.json")

    @pytest.mark.parametrize("odd", [[], "text", None, 5, {"model": 5}])
    def test_components_that_are_none(self, odd):
        """Whatever stands in their place is refused, not taken apart."""

        def change(entry):
            entry["body"]["components"] = odd

        refused(edited(a_pack(), 3, change), PackedEntryRejected, "entries/3.json")

    def test_no_version_at_all(self):
        """Without its registration, there is nothing that a pack is about."""
        files = a_pack()
        for name in ("entries/3.json", "entries/3.tlog-proof"):
            del files[name]
        refused(resealed(files), PackIncomplete, "index.json")

    @pytest.mark.parametrize("name", ["tallies", "policy", "recipe", "manifest", "reason"])
    def test_content_under_a_wrong_name(self, name):
        """Content has the digest that its entry names."""
        files = a_pack()
        file = named(files, f"contents/{name}/")
        refused(resealed(changed(files, file, lambda _: b"{}")), PackedContentChanged, file)

    def test_an_index_that_says_something_else(self):
        """The index follows from the entries, to the last byte."""
        text = a_pack()["index.json"]
        for old, new in ((b'"size": 13', b'"size": 14'), (b"auditor", b"public"), (b"\n", b"\n ")):
            assert old in text
            files = {**a_pack(), "index.json": text.replace(old, new, 1)}
            refused(resealed(files), PackIndexDiffers, "index.json")

    def test_a_file_that_no_entry_names(self):
        """Signed or not, what nothing refers to does not belong."""
        refused(
            resealed({**a_pack(), "contents/manifest/x": b""}), PackStray, "contents/manifest/x"
        )

    def test_a_statement_that_another_key_signed(self):
        """Statements are signed by the log's key."""
        files = a_pack()
        name = named(files, "statements/")
        envelope = json.loads(files[name])
        envelope["signatures"][0]["sig"] = "A" * 86 + "=="
        refused(
            resealed(changed(files, name, lambda _: canonical_json(envelope))),
            PackedStatementRejected,
            name,
        )

    def test_a_missing_statement(self):
        """An entry's statement is there."""
        files = a_pack()
        name = named(files, "statements/")
        del files[name]
        refused(resealed(files), PackIncomplete, name)

    @pytest.mark.parametrize(
        ("index", "change"),
        [
            (EVALUATED, lambda s: s["predicate"].update(assay_produced="computed")),
            (EVALUATED, lambda s: s["predicate"]["configuration"].pop()),
            (EVALUATED, lambda s: s["predicate"].update(configuration=5)),
            (EVALUATED, lambda s: s.update(predicateType="https://example.org/other")),
            (DECIDED, lambda s: s["predicate"].update(assay_decision="allow")),
            (DECIDED, lambda s: s["predicate"].update(verificationResult="PASSED")),
            (DECIDED, lambda s: s["predicate"].update(policy={"digest": {"sha256": "0" * 64}})),
            (DECIDED, lambda s: s["predicate"].update(policy=[])),
            (DECIDED, lambda s: s["predicate"].update(inputAttestations=[])),
            (DECIDED, lambda s: s["predicate"]["assay_details"].update(tier="low")),
            (DECIDED, lambda s: s["predicate"]["assay_details"].update(basis="0" * 64)),
            (DECIDED, lambda s: s["predicate"].update(assay_details=None)),
            (DECIDED, lambda s: s["predicate"].update(verifiedLevels=["ASSAY_GATE_PASSED"])),
            (DECIDED, lambda s: s["predicate"].update(timeVerified="2027-01-01T00:00:00.000000Z")),
            (DECIDED, lambda s: s["predicate"].update(timeVerified="yesterday")),
            (DECIDED, lambda s: s["predicate"]["verifier"].update(id="somebody")),
            (DECIDED, lambda s: s["predicate"].update(resourceUri="assay:other/1.0.0")),
            (DECIDED, lambda s: s["predicate"]["policy"].update(uri="assay:policy/strict@1.0.0")),
            (APPROVED, lambda s: s["predicate"].update(decision="refused")),
            (APPROVED, lambda s: s["predicate"].update(approver="somebody")),
            (APPROVED, lambda s: s["predicate"].update(role="approver")),
            (APPROVED, lambda s: s["predicate"].update(references=[])),
            (APPROVED, lambda s: s["predicate"].update(basis="0" * 64)),
        ],
    )
    def test_a_statement_that_says_something_else_than_its_entry(self, index, change):
        """Whatever is signed must be what the entry records."""
        refused(restated(a_pack(), index, change), PackLinkBroken, f"entries/{index}.json")

    @pytest.mark.parametrize("number", [0, 1])
    def test_a_statement_about_another_version_or_model(self, number):
        """Its subjects are the pack's version and its model, by which admission matches."""

        def change(statement):
            statement["subject"][number]["digest"] = {"sha256": "0" * 64}

        def add(statement):
            statement["subject"].append({"digest": {"sha256": "0" * 64}})

        for alter in (change, add):
            files = restated(a_pack(), DECIDED, alter)
            refused(files, PackLinkBroken, f"entries/{DECIDED}.json")

    @pytest.mark.parametrize("odd", ["0" * 64, 5, None, [], {}])
    @pytest.mark.parametrize(("index", "name"), [(DECIDED, "evidence"), (PROMOTED, "decision")])
    def test_entries_that_rest_on_nothing(self, index, name, odd):
        """A decision rests on evidence in the pack, a promotion on a decision there."""

        def change(entry):
            entry["body"][name] = odd

        many = isinstance(odd, list | dict) and name == "decision"
        error = PackedEntryRejected if many else PackLinkBroken
        refused(edited(a_pack(), index, change), error, f"entries/{index}.json")

    def test_a_promotion_that_no_decision_allowed(self):
        """A version is promoted by a decision that let it pass."""
        files = a_pack()
        held = json.loads(files[f"entries/{DECIDED}.json"])["digests"]["statement"]

        def change(entry):
            entry["body"]["decision"] = held

        refused(edited(files, PROMOTED, change), PackLinkBroken, f"entries/{PROMOTED}.json")

    @pytest.mark.parametrize(
        ("index", "name", "value"),
        [
            (DECIDED, "version", "0" * 64),
            (EVALUATED, "system", "other"),
            (PROMOTED, "emergency", "0011223344556677"),
        ],
    )
    def test_bodies_that_speak_of_something_else(self, index, name, value):
        """What changed and what the entry says changed are the same thing."""

        def change(entry):
            entry["body"][name] = value

        problem = PackLinkBroken if name == "emergency" else PackedEntryRejected
        refused(edited(a_pack(), index, change), problem, f"entries/{index}.json")

    def test_outcomes_and_tiers_that_do_not_exist(self):
        """Unknown words are not taken for allowed ones."""
        for name, word, error in (
            ("outcome", "yes", PackLinkBroken),
            ("tier", "lowest", PackLinkBroken),
            ("outcome", [], PackedEntryRejected),
        ):

            def change(entry, name=name, word=word):
                entry["body"][name] = word

            refused(edited(a_pack(), DECIDED, change), error, f"entries/{DECIDED}.json")


def test_too_many_values_are_refused_before_they_are_parsed():
    """An entry can be made of brackets, which cost far more memory than bytes."""
    files = a_pack()
    body = b"[" * 30_000 + b"]" * 30_000
    entries = {f"entries/{index}.json": body for index in range(13, 60)}
    proofs = {f"entries/{index}.tlog-proof": b"" for index in range(13, 60)}
    with pytest.raises(PackedEntryRejected):
        verify(resealed({**files, **entries, **proofs}))


def test_a_version_may_be_gated_again_under_another_name(tmp_path):
    """Names are labels: the same components are the same version, and its pack verifies."""
    services, project = workspace(), repository(tmp_path)
    gate_version(services, project, actor="ada")
    manifest = TEXTS["assay.yaml"].replace("1.0.0", "1.0.1")
    gate_version(services, repository(tmp_path, assay=manifest), actor="ada")
    assert verify(packed(services)).name == "1.0.0"
