"""The schema of a file of policy tests: its keys, and what each may hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from assay.adapters.loaders.fields import DeclaredTier, Id, Number, Text, Within
from assay.adapters.loaders.problems import Strict, refuse, wrong_type
from assay.adapters.loaders.times import End, Start
from assay.evidence.canonical import LARGEST_INTEGER

VerdictName = Literal[
    "pass", "fail", "insufficient", "missing", "waived", "not_applicable", "error"
]
OutcomeName = Literal["allow", "hold", "deny"]


def _measurement(value: Any) -> Any:
    """A fact is written as such; what has bounds, or none, is a mapping or a word."""
    if isinstance(value, bool | int | Decimal):
        return {"fact": value}
    if isinstance(value, str):
        return {"word": value}
    if isinstance(value, dict):
        return value
    raise wrong_type(value, wanted="a fact, or {value, low, high}")


def _fact(value: Any) -> Any:
    if not isinstance(value, bool | int | Decimal):
        raise wrong_type(value, wanted="a number, or true or false")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, wanted="a whole number")
    if not 0 <= value <= LARGEST_INTEGER:
        raise refuse(f"is {value}; a count is at least 0.", remedy="Write a count.")
    return value


Count = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]


class MeasurementSchema(Strict):
    """What a requirement's check measures: bounds, a fact, or why there is neither."""

    value: Number | None = Field(default=None, description="The point value.")
    low: Number | None = Field(default=None, description="The lower bound, at any error asked.")
    high: Number | None = Field(default=None, description="The upper bound, at any error asked.")
    n: Count = Field(default=1000, description="The units behind it.")
    fact: Annotated[
        bool | int | Decimal | None,
        PlainValidator(_fact),
        WithJsonSchema({"type": ["boolean", "number"]}),
    ] = Field(default=None, description="Something counted or looked up.")
    word: Literal["undefined", "missing", "not_applicable", "error"] | None = Field(
        default=None, description="Why there is no measurement."
    )


Measured = Annotated[MeasurementSchema, BeforeValidator(_measurement)]


class CellSchema(Strict):
    """Counts of label by prediction, of all rows or of one group."""

    groups: dict[Text, Text] = Field(
        default={}, description="The level in each protected column, such as {sex: female}."
    )
    true_positives: Count = Field(default=0, description="Positive, and predicted so.")
    false_positives: Count = Field(default=0, description="Negative, and predicted positive.")
    false_negatives: Count = Field(default=0, description="Positive, and predicted negative.")
    true_negatives: Count = Field(default=0, description="Negative, and predicted so.")


class ScoredSchema(Strict):
    """Rows that share label, score and groups."""

    groups: dict[Text, Text] = Field(
        default={}, description="The level in each protected column, such as {sex: female}."
    )
    positive: bool = Field(description="Whether their label is the positive one.")
    score: Annotated[Decimal, Within(Decimal(0), Decimal(1))] = Field(
        description="Their score, from 0 to 1; the decision turns at 0.5."
    )
    count: Count = Field(description="How many there are.")


class CountsSchema(Strict):
    """Data as counts: a confusion table, one for each group, or rows by score."""

    favourable: Literal["positive", "negative"] = Field(
        default="negative", description="Which prediction is favourable: positive or negative."
    )
    confusion: list[CellSchema] = Field(
        default=[], description="Label by prediction, one item for each group."
    )
    scores: list[ScoredSchema] = Field(default=[], description="Rows by label and score.")


class WaiverSchema(Strict):
    """A requirement that is excused."""

    requirement: Id = Field(description="The requirement.")
    granted: Start | None = Field(
        default=None, description="From when; by default as long as anybody remembers."
    )
    expires: End = Field(description="Until when; a day lasts to its end.")


class GivenSchema(Strict):
    """A situation; what a case leaves out, it takes from the file's own `given`."""

    tier: DeclaredTier | None = Field(default=None, description="The system's tier.")
    at: Start | None = Field(
        default=None, description="The instant of which it is judged; a day means its beginning."
    )
    measured: Start | None = Field(
        default=None, description="When the evidence was taken; by default then."
    )
    measurements: dict[Id, Measured] = Field(
        default={}, description="What is measured, by requirement."
    )
    counts: CountsSchema | None = Field(
        default=None, description="Data as counts, from which the checks measure the rest."
    )
    attestations: list[Id] = Field(
        default=[], description="The requirements that a person has attested."
    )
    waivers: list[WaiverSchema] = Field(default=[], description="What is excused, and how long.")
    approvals: list[Id] = Field(
        default=[], description="The roles in which people have approved, each another person."
    )
    data: dict[Text, Any] = Field(
        default={},
        description="What conditions and expressions read, by dotted name, such as system.id.",
    )


class ExpectSchema(Strict):
    """What the policy must say."""

    decision: OutcomeName | None = Field(default=None, description="allow, hold or deny.")
    effective: OutcomeName | None = Field(
        default=None, description="What the release does, which the policy's mode decides."
    )
    requirements: dict[Id, VerdictName] = Field(
        default={}, description="The verdict of each requirement that the case is about."
    )


class CaseSchema(Strict):
    """One case: a situation, and what the policy must say of it."""

    given: GivenSchema = Field(default=GivenSchema(), description="The situation.")
    expect: ExpectSchema = Field(description="What the policy must say.")


class PolicyTestSchema(Strict):
    """Cases that say what a policy must decide."""

    policy: Text | None = Field(
        default=None,
        description="The policy's file, relative to this one; by default the manifest's.",
    )
    given: GivenSchema = Field(default=GivenSchema(), description="What every case starts from.")
    cases: dict[Id, CaseSchema] = Field(
        min_length=1, description="The cases, each under a name of its own."
    )
