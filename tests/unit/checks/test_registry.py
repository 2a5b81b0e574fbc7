"""Names to checks, without a name that two modules claim."""

import pytest

from assay.checks import data, documents
from assay.checks.check import check
from assay.checks.registry import AmbiguousCheck, MisplacedCheck, NoChecks, Source, registry
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Fact


def source(family: str | None, **names: object) -> Source:
    return Source(origin=f"{family} module", family=family, namespace=names)


@check("data.rows", better="higher")
def rows(evidence: Evidence) -> Fact:
    """Another check of a name that is taken."""
    return Fact(value=1)


def test_checks_of_several_modules_come_by_name():
    """The built-in families need nothing that a user's module does not have."""
    found = registry(
        [
            Source(origin="built in", family="documents", namespace=vars(documents)),
            Source(origin="built in", family="data", namespace=vars(data)),
        ]
    )
    assert list(found) == sorted(found)
    assert {"data.rows", "documents.model_card"} <= set(found)
    assert found["data.rows"].function is data.rows


def test_a_name_declared_twice_is_refused():
    """Which of two would run is not left to the order of files."""
    with pytest.raises(AmbiguousCheck, match="already declared by built in"):
        registry(
            [
                Source(origin="built in", family="data", namespace=vars(data)),
                source(None, rows=rows),
            ]
        )


def test_a_check_of_another_family_is_refused():
    """An entry point's name is the first word of its checks' names."""
    with pytest.raises(MisplacedCheck, match=r"'data\.rows'"):
        registry([source("fairness", rows=rows)])


def test_a_module_without_checks_is_refused():
    """An empty module is a mistake, not an empty family."""
    with pytest.raises(NoChecks):
        registry([source("fairness", rows=len)])
