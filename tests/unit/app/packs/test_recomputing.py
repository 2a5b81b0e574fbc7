"""Recorded figures, verdicts and decisions are derived again, or it is said which are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.packed import (
    TEXTS,
    VERIFIER,
    a_pack,
    live,
    named,
    packed,
    reforged,
    repository,
    restated,
    workspace,
)

from assay.adapters.plugins import UnknownCheck, find_checks
from assay.adapters.project import RecordedTexts
from assay.app.judging.deciding import decide_case, decision_change
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import Recorded, Texts, find_version, recorded_case
from assay.app.log.recording import record
from assay.app.packs.recomputing import recompute_journal
from assay.app.packs.rederiving import RecomputedOtherwise, first_mismatch
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.app.ports import CheckCatalogue, Written
from assay.checks.check import Check
from assay.documents.packs.layout import Audience
from assay.errors import ConfigurationError, VerificationFailed
from assay.evidence.canonical import Json
from assay.evidence.measurement import DocumentContent
from assay.governance.events import PersonId
from assay.policy.policy import Outcome, Policy
from assay.policy.recorded import MalformedPolicyForm, parse_recorded_policy

OWN = """\
from assay import Confusion, check, stats

DECISIONS = Confusion()


@check("own.base_rate", better="lower", needs=(DECISIONS,))
def base_rate(evidence, *, errors):
    rates = evidence.proportions(
        DECISIONS, events=lambda c: c.positives, trials=lambda c: c.positives + c.negatives
    )
    return stats.proportion(rates[""], errors=errors)
"""


FORM = (
    b'{"errors":{"false_allow":"0.1","false_deny":"0.1"},"max_excluded":"0.1",'
    b'"requirements":{},"schema":"assay.policy/1"}'
)


class Installed:
    """The installed checks, some of them missing, of other code, or of another revision."""

    def __init__(
        self,
        *,
        missing: str = "",
        revised: str = "",
        rewritten: str = "",
    ) -> None:
        self._checks = find_checks()
        self._missing, self._revised, self._rewritten = missing, revised, rewritten

    def get(self, name: str) -> Check:
        if name == self._missing:
            raise UnknownCheck(f"There is no check {name!r}.")
        found = self._checks.get(name)
        return replace(found, revision=found.revision + 1) if name == self._revised else found

    def all(self) -> Mapping[str, Check]:
        return self._checks.all()

    def provenance(self, name: str) -> Mapping[str, Json]:
        found = dict(self._checks.provenance(name))
        return {**found, "sha256": "0" * 64} if name == self._rewritten else found


class Unread(RecordedTexts):
    """Texts of which one kind does not load here."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def parse_policy(self, written: Written, checks: CheckCatalogue) -> Policy:
        if self._kind == "policy":
            raise ConfigurationError("It has a key from the future.")
        return super().parse_policy(written, checks)

    def parse_document(self, written: Written) -> DocumentContent:
        if self._kind == "document":
            raise ConfigurationError("It has a key from the future.")
        return super().parse_document(written)


def recompute(files, catalogue: CheckCatalogue | None = None, texts: Texts | None = None):
    pack = verify_pack(files, verifiers=[VERIFIER])
    return recompute_pack(
        files,
        pack,
        verifiers=[VERIFIER],
        texts=texts or RecordedTexts(),
        catalogue=catalogue or find_checks(),
    )


def skipped(found):
    return {(item.index, item.what): item.why for item in found.skipped}


def test_everything_is_derived_again():
    """Three decisions and one evaluation, to the last digit, with nothing left out."""
    found = recompute(a_pack())
    assert (found.decisions, found.measurements) == (3, 3 * 2 + 2)
    assert (found.skipped, found.other_code) == ((), ())


def test_a_workspace_is_derived_again(tmp_path):
    """The same for a journal, every version of it."""
    services, project = workspace(), repository(tmp_path)
    live(services, project)
    recorded = Recorded(
        records=services.journal,
        blobs=services.blobs,
        texts=project,
        catalogue=find_checks(),
    )
    found = recompute_journal(recorded, verifiers=[VERIFIER])
    assert (found.decisions, found.measurements, found.skipped) == (3, 8, ())


def test_without_tallies_nothing_is():
    """A public pack lacks them, and says so for each entry."""
    found = recompute(a_pack(Audience.PUBLIC))
    assert (found.decisions, found.measurements) == (0, 0)
    assert skipped(found) == {
        (4, "the evaluation"): "without its tallies",
        (5, "the decision"): "without its tallies",
        (8, "the decision"): "without its tallies",
        (11, "the decision"): "without its tallies",
    }


def test_a_check_that_is_not_installed_is_named():
    """Its figures stay as recorded; the others are derived one by one."""
    found = recompute(a_pack(), Installed(missing="performance.roc_auc"))
    assert (found.decisions, found.measurements) == (0, 4)
    assert skipped(found) == {
        (index, "ranks-well (performance.roc_auc)"): "the check is not installed here"
        for index in (4, 5, 8, 11)
    } | {
        (index, "the decision as a whole"): "it rests on what is named beside it"
        for index in (5, 8, 11)
    }


def test_another_revision_of_a_check_is_not_compared():
    """A revision says that the same tallies give another figure, so no figure is expected."""
    found = recompute(a_pack(), Installed(revised="performance.roc_auc"))
    assert (found.decisions, found.measurements) == (0, 4)
    why = skipped(found)[5, "ranks-well (performance.roc_auc)"]
    assert why == "the check is of revision 2 here, and was of 1"


def test_a_policy_text_that_does_not_load_here_is_named():
    """Its figures are derived from the canonical form; the decision as a whole is not."""
    found = recompute(a_pack(), texts=Unread("policy"))
    assert (found.decisions, found.measurements) == (0, 8)
    assert set(skipped(found)) == {(index, "the decision as a whole") for index in (5, 8, 11)}


def test_a_document_that_does_not_load_here_is_named():
    """Nothing is derived from evidence that cannot be read whole."""
    found = recompute(a_pack(), texts=Unread("document"))
    assert (found.decisions, found.measurements) == (0, 0)
    assert {why[:33] for why in skipped(found).values()} == {"a document does not load here: It"}


def test_forms_of_another_version_are_named_not_refused():
    """What another version of Assay recorded in another form is left as it is, and said to be."""
    files = a_pack()
    form = named(files, "contents/policy/")
    later = reforged(files, {form: files[form].replace(b"assay.policy/1", b"assay.policy/2")})
    found = recompute(later)
    assert (found.decisions, found.measurements) == (0, 0)
    assert {why[:26] for why in skipped(found).values()} == {"its policy was recorded in"}
    found = recompute(restated(files, 11, lambda s: details(s).update(schema="assay.decision/2")))
    assert (found.decisions, found.measurements) == (2, 6)
    assert skipped(found) == {
        (11, "the decision"): "it was recorded in a form that is not known here"
    }


def test_other_code_that_gives_the_same_figures_is_named():
    """The digest of the code differs and the figures do not: that is said, and proved."""
    found = recompute(a_pack(), Installed(rewritten="performance.roc_auc"))
    assert (found.decisions, found.other_code) == (3, ("performance.roc_auc",))


@pytest.mark.parametrize(
    ("index", "path"),
    [(4, ("assay_measurements", 0, "low")), (4, ("assay_measurements", 1, "value"))],
)
def test_an_altered_measurement_is_found(index, path):
    """A figure that does not follow from the tallies is named, with both values."""
    *way, last = path

    def change(statement):
        place = statement["predicate"]
        for step in way:
            place = place[step]
        place[last] = "0.987654321"

    with pytest.raises(RecomputedOtherwise, match=r"0\.987654321") as found:
        recompute(restated(a_pack(), 4, change))
    assert found.value.where == "entry 4"


def details(statement):
    return statement["predicate"]["assay_details"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: details(s)["requirements"][0].update(verdict="fail"), "verdict"),
        (lambda s: details(s)["requirements"][0]["measurement"].update(low="0.5"), "low"),
        (lambda s: details(s)["requirements"][0].update(units_lacking=5), "units_lacking"),
        (lambda s: details(s)["requirements"].pop(), "requirements"),
        (lambda s: details(s).update(tests=1), "tests"),
        (lambda s: details(s).update(holm_error="0.05"), "holm_error"),
        (lambda s: details(s).update(demonstrated=False), "demonstrated"),
        (lambda s: details(s).update(approvals=[]), "approvals"),
        (lambda s: details(s).update(author="somebody"), "author"),
        (lambda s: details(s).update(tier_source="computed"), "tier_source"),
    ],
)
def test_an_altered_decision_is_found(change, said):
    """Verdicts, bounds, counts and approvals follow from the evidence, or the entry is named."""
    with pytest.raises(RecomputedOtherwise, match=said) as found:
        recompute(restated(a_pack(), 11, change))
    assert found.value.where == "entry 11"


def test_a_decision_that_the_evidence_does_not_bear_is_found(tmp_path):
    """Signed, logged and linked as it should be, an allow that should be a hold is found."""
    services, project = workspace(), repository(tmp_path)
    gate_version(services, project, actor="ada")
    version = find_version(services, "credit", "1.0.0")
    case = recorded_case(services, project, version)
    honest = decide_case(services, case, at=services.clock.now())
    assert honest.outcome is Outcome.HOLD
    made = decision_change(services, case, replace(honest, outcome=Outcome.ALLOW, awaiting=()))
    record(services, [made], actor=PersonId("x"), at=honest.at, expected={})
    with pytest.raises(RecomputedOtherwise, match="outcome was recorded as allow"):
        recompute(packed(services))


def test_a_policy_text_that_means_something_else_is_found(tmp_path):
    """What people read of a policy is what the gate judged by."""
    services, project = workspace(), repository(tmp_path)
    gate_version(services, project, actor="ada")
    case = recorded_case(services, project, find_version(services, "credit", "1.0.0"))
    other = TEXTS["policy.yaml"].replace("0.20", "0.90").encode()
    case = replace(case, policy_text=replace(case.policy_text, source=other))
    decision = decide_case(services, case, at=services.clock.now())
    made = decision_change(services, case, decision)
    record(services, [made], actor=PersonId("x"), at=decision.at, expected={})
    with pytest.raises(RecomputedOtherwise, match="text does not spell"):
        recompute(packed(services))


def test_a_check_of_ones_own_is_used_where_it_is_named(tmp_path: Path):
    """A verifier without the user's file names what it cannot derive; with it, all is derived."""
    policy = TEXTS["policy.yaml"].replace(
        "approvals:", "  rare: {check: own.base_rate, at_most: 0.9}\napprovals:"
    )
    services = workspace()
    project = repository(tmp_path, policy=policy, assay=TEXTS["assay.yaml"] + "checks: [own.py]\n")
    (tmp_path / "own.py").write_text(OWN)
    live(services, project)
    files = packed(services)
    found = recompute(files)
    assert {what for _, what in skipped(found)} == {
        "rare (own.base_rate)",
        "the decision as a whole",
    }
    assert found.measurements == 4 * 2
    found = recompute(files, project.checks(project.manifest()[0]))
    assert (found.decisions, found.measurements, found.skipped) == (3, 4 * 3, ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"schema":"assay.policy/2"}',
        b'{"schema":"assay.policy/1","errors":{"false_allow":"x"}}',
        b'{"schema":"assay.policy/1","errors":{"false_allow":"NaN","false_deny":"0.1"}}',
        b'{"schema":"assay.policy/1","errors":{"false_allow":"0.1","false_deny":"0.9"}}',
        FORM.replace(b"{}", b'{"a":{"check":5,"with":{}}}'),
        FORM.replace(b"{}", b"[]"),
    ],
)
def test_a_policy_form_that_is_none(data):
    """What is no canonical form of a policy is refused, whatever it is instead."""
    with pytest.raises(MalformedPolicyForm):
        parse_recorded_policy(data)


def test_the_recorded_form_says_what_the_policy_says(tmp_path):
    """Checks, parameters, directions and errors read back from the canonical form."""
    files = a_pack()
    (data,) = [data for name, data in files.items() if name.startswith("contents/policy/")]
    policy = parse_recorded_policy(data)
    assert (policy.false_allow, policy.false_deny) == (0.05, 0.05)
    assert policy.max_excluded == Decimal("0.01")
    gap = policy.rules["approval-gap"]
    assert (gap.check, str(gap.direction)) == ("fairness.selection_rate_difference", "at_most")
    assert gap.parameters == {
        "by": ["sex"],
        "intersections": False,
        "min_group_size": 30,
        "small_groups": "insufficient",
    }


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": True}, {"a": 1}, "a was recorded as true, and comes out as 1"),
        ({"a": [1, 2]}, {"a": [1]}, "a was recorded as [1, 2], and comes out as [1]"),
        ({"a": [{"id": "x", "b": 1}]}, {"a": [{"id": "x", "b": 2}]}, "a.x.b was recorded"),
        ({}, {"a": "b"}, "a was recorded as nothing, and comes out as b"),
    ],
)
def test_where_documents_part(one, other, said):
    """The first difference is named by its path, with both values."""
    found = first_mismatch(one, other)
    assert found == said if said is None else str(found).startswith(said)


@pytest.mark.parametrize("odd", [None, 5, "text", [], [5]])
@pytest.mark.parametrize("name", ["requirements", "checks"])
def test_details_in_another_form_are_refused(name, odd):
    """A statement that holds something else is an error with a place or a reason, no crash."""
    with pytest.raises(VerificationFailed):
        recompute(restated(a_pack(), 11, lambda s: details(s).update({name: odd})))
