"""The schema of `assay.yaml`: its keys, and what each may hold. Editors read it too."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from assay.adapters.loaders.fields import (
    BY_FORM,
    MAPPING_FORM,
    TEXT_FORM,
    DeclaredTier,
    FormatVersion,
    Id,
    Text,
    VersionName,
    Within,
    as_number,
)
from assay.adapters.loaders.problems import Strict, refuse, wrong_type
from assay.evidence.roles import CUTS_MAX, DAY, PROTECTED_MAX, Cut, cut_text
from assay.stats.tallies.weights import DEFAULT_SCALE, SCALE_MAX


def _cut(value: Any) -> Cut:
    """A cut point: a number, or a day as YYYY-MM-DD."""
    if not isinstance(value, str):
        return as_number(value)
    if not DAY.fullmatch(value):
        raise wrong_type(value, wanted="a number, or a day such as 2020-12-31")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise refuse(f"is {value!r}, which no calendar has.", remedy="Write a real day.") from error


def _cuts(value: dict[str, list[Cut]]) -> dict[str, list[Cut]]:
    if len(value) != 1:
        raise refuse(
            f"has {len(value)} keys; a column with cut points is one.",
            remedy="Write each column as an item of its own, such as {age: [25, 40, 60]}.",
        )
    ((column, cuts),) = value.items()
    if not 1 <= len(cuts) <= CUTS_MAX:
        raise refuse(
            f"gives {column!r} {len(cuts)} cut points; 1 to {CUTS_MAX} make bands.",
            remedy="Write the upper end of each band but the last, such as {age: [25, 40, 60]}.",
        )
    if len({isinstance(cut, date) for cut in cuts}) > 1:
        raise refuse(
            f"gives {column!r} cut points of which some are dates and some are numbers.",
            remedy="Write all of them as the column holds them.",
        )
    for low, high in itertools.pairwise(cuts):
        if _place(low) >= _place(high):
            raise refuse(
                f"has cut points out of order: {cut_text(high)} follows {cut_text(low)}.",
                remedy="Write them in strictly ascending order.",
            )
    return value


def _place(cut: Cut) -> Decimal:
    return Decimal(cut.toordinal()) if isinstance(cut, date) else cut


def _positive(value: Any) -> Any:
    """A label's value as text: 1 and true are written as the data spell them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    raise wrong_type(value, wanted="text in quotes, as the data spell it")


def _command(value: Any) -> Any:
    if isinstance(value, str):
        raise refuse(
            "is one text; a command is a list of its words.",
            remedy="Write [python, score.py]: no shell takes it apart.",
        )
    return value


class SystemSchema(Strict):
    """An AI use case: what it is for and who answers for it."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["tier"]}, {"required": ["intake"]}]}
    )

    id: Id = Field(description="A short id, unique among your systems, such as consumer-credit.")
    purpose: Text = Field(description="What it decides, about whom, in one sentence.")
    owner: Text = Field(description="The team or person who answers for it, such as team:lending.")
    tier: DeclaredTier | None = Field(
        default=None,
        description="How much harm a wrong decision can do: low, medium, high or critical "
        "(prohibited never ships). Beside `intake` it may only raise.",
    )
    intake: Text | None = Field(
        default=None,
        description="The file of answers from which the tier follows, such as intake.yaml.",
    )
    questionnaire: Text | None = Field(
        default=None,
        description="A file with further questions of your organisation, which may only raise "
        "the tier.",
    )
    responsible: Text | None = Field(
        default=None, description="Who does the work, where that is not the owner."
    )
    on_call: Text | None = Field(
        default=None, description="Whom to wake when it goes wrong, where that is not the owner."
    )
    uses: list[Id] = Field(
        default=[],
        description="What it depends on: ids of other systems, and of models, services and "
        "datasets of others that `assay inventory add` has declared.",
    )
    review_days: int | None = Field(
        default=None, ge=1, le=3650, description="How often the system is reviewed, in days."
    )


class VersionSchema(Strict):
    """The candidate for release: its components, each of which will be pinned by digest."""

    name: VersionName | None = Field(
        default=None, description="What people call it, such as 4.2.0; by default `git describe`."
    )
    kind: Literal["binary-classifier"] = Field(description="The kind of model: binary-classifier.")
    model: Text = Field(
        description="The model's file or folder, such as models/credit.onnx; or the address of "
        "one hosted elsewhere (https://…), which cannot be pinned."
    )
    code: Text | None = Field(
        default=None, description="The folder whose git commit is the code; write '.' for this one."
    )
    environment: Text | None = Field(
        default=None, description="The lock file of the environment, such as requirements.lock."
    )
    configuration: Text | None = Field(
        default=None, description="The file or folder of the training configuration."
    )


class TrainingSchema(Strict):
    """Training data with its datasheet."""

    path: Text = Field(description="The training data's file or folder.")
    datasheet: Text | None = Field(default=None, description="A datasheet of the training data.")


class LabelSchema(Strict):
    """The column of outcomes and its positive value."""

    column: Text = Field(description="The column of outcomes.")
    positive: Annotated[
        str, BeforeValidator(_positive), WithJsonSchema({"type": ["string", "integer", "boolean"]})
    ] = Field(description="The value that a high score predicts, as the data spell it.")


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        raise refuse(
            f"is {value}, not a power of two.",
            remedy="Write the least of 1, 2, 4, 8 … that no weight exceeds.",
        )
    return value


class WeightSchema(Strict):
    """The column of weights, and what they are."""

    column: Text = Field(description="The column of weights.")
    kind: Literal["frequency", "sampling"] = Field(
        description="What a weight says: frequency, a whole number of rows alike that the row "
        "stands for; or sampling, the inverse of its chance of being drawn from the population."
    )
    scale: Annotated[int, Field(ge=1, le=SCALE_MAX), AfterValidator(_power_of_two)] | None = Field(
        default=None,
        description="A power of two that no sampling weight exceeds; by default "
        f"{DEFAULT_SCALE}. Sums are exact to its 2^-40th.",
    )

    @model_validator(mode="after")
    def _scale_of_sampling(self) -> WeightSchema:
        if self.kind == "frequency" and self.scale is not None:
            raise refuse(
                "gives frequency weights a `scale`; they are whole numbers, which need none.",
                remedy="Delete `scale`, or write `kind: sampling`.",
            )
        return self


class DecisionSchema(Strict):
    """When a score leads to the favourable decision."""

    favourable_when: Literal["<", "<=", ">", ">="] = Field(
        description="How the score compares with the threshold when the person gets the "
        "favourable decision (the loan, the job): '<', '<=', '>' or '>='."
    )
    threshold: Annotated[Decimal, Within(Decimal(0), Decimal(1))] = Field(
        description="The score at which the decision turns, from 0 to 1."
    )


CutPoint = Annotated[
    Decimal | date,
    PlainValidator(_cut),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{DAY.pattern}$"}]}
    ),
]

Bands = Annotated[
    dict[Text, list[CutPoint]],
    AfterValidator(_cuts),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "number"},
                        {"type": "string", "pattern": f"^{DAY.pattern}$"},
                    ]
                },
                "minItems": 1,
                "maxItems": CUTS_MAX,
            },
        }
    ),
]


class EvaluationSchema(Strict):
    """The data that the version is judged on, and what its columns are for."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["score"]}, {"required": ["predict"]}]}
    )
    path: Text = Field(description="A Parquet or CSV file that the model has not seen.")
    label: Annotated[Annotated[Text, TEXT_FORM] | Annotated[LabelSchema, MAPPING_FORM], BY_FORM] = (
        Field(
            description="The column of outcomes, of 0 and 1 or booleans; or {column, positive}, "
            "where positive is the value that a high score predicts."
        )
    )
    score: Text | None = Field(
        default=None, description="The column of scores from 0 to 1. Either this or `predict`."
    )
    predict: Annotated[list[Text], BeforeValidator(_command), Field(min_length=1)] | None = Field(
        default=None,
        description="A command that computes the scores, as a list of words. Either this or "
        "`score`.",
    )
    decision: DecisionSchema = Field(
        description="When a score leads to the favourable decision: favourable_when and threshold."
    )
    protected: list[
        Annotated[Annotated[Text, TEXT_FORM] | Annotated[Bands, MAPPING_FORM], BY_FORM]
    ] = Field(
        default=[],
        max_length=PROTECTED_MAX,
        description="Columns whose groups must be treated alike; a number or date with its cut "
        "points, such as {age: [25, 40, 60]}: bands are right-closed, 25 is in the first.",
    )
    unit: Text | None = Field(
        default=None,
        description="The column whose equal values are one person, where a person has several "
        "rows: they are not independent.",
    )
    weight: WeightSchema | None = Field(
        default=None,
        description="Weights of rows: column and kind (frequency or sampling).",
    )
    champion: Text | None = Field(
        default=None,
        description="The column of the scores that the version in production gives the same rows; "
        "the same threshold turns them into decisions.",
    )
    baseline: Text | None = Field(
        default=None,
        description="The column of the scores of a simple rule that the version has to beat, "
        "from 0 to 1, on the same rows.",
    )

    @model_validator(mode="after")
    def _one_source_of_scores(self) -> EvaluationSchema:
        if (self.score is None) is (self.predict is None):
            count = "neither" if self.score is None else "both"
            raise refuse(
                f"has {count} of `score` and `predict`.",
                remedy="Give one: `score` names a column of scores, `predict` a command that "
                "computes them.",
            )
        return self


class DataSchema(Strict):
    """The data: what the model learnt from, and what it is judged on."""

    training: (
        Annotated[Annotated[Text, TEXT_FORM] | Annotated[TrainingSchema, MAPPING_FORM], BY_FORM]
        | None
    ) = Field(default=None, description="The training data: a path, or {path, datasheet}.")
    evaluation: EvaluationSchema = Field(
        description="The data that the version is judged on: path, label, score, decision."
    )


def _threshold(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, wanted="a whole number")
    if value < 1:
        raise refuse(f"is {value}; at least one must have signed.", remedy="Write 1 or more.")
    return value


class ExternalSchema(Strict):
    """A report that another tool wrote."""

    path: Text = Field(description="The report's file, such as reports/junit.xml.")
    format: Literal["junit", "sarif", "test-result"] = Field(
        description="junit (XML), sarif (2.1.0), or test-result (an in-toto statement in a DSSE "
        "envelope)."
    )
    signers: list[Text] = Field(
        default=[],
        description="The public keys (PEM files) that may sign a test-result; without any it "
        "would say nothing.",
    )
    threshold: Annotated[
        int, BeforeValidator(_threshold), WithJsonSchema({"type": "integer", "minimum": 1})
    ] = Field(default=1, description="How many of the signers must have signed; 1 by default.")

    @model_validator(mode="after")
    def _signed(self) -> ExternalSchema:
        signed = self.format == "test-result"
        if signed is not bool(self.signers):
            raise refuse(
                "has no `signers`." if signed else f"has `signers`, and {self.format} has none.",
                remedy="Name the public keys that may sign it." if signed else "Delete them.",
            )
        if self.threshold > max(1, len(self.signers)):
            raise refuse(
                f"asks for {self.threshold} of {len(self.signers)} signers.",
                remedy="Ask for as many as there are, or fewer.",
            )
        return self


class ManifestSchema(Strict):
    """What a model's repository declares about an AI system and one version of it."""

    assay: FormatVersion = Field(description="The version of this format: 1.")
    system: SystemSchema = Field(
        description="The AI use case: id, purpose, owner, and intake or tier."
    )
    version: VersionSchema = Field(description="The candidate for release: kind and model.")
    data: DataSchema = Field(description="The training and evaluation data.")
    policy: Text = Field(description="The policy's file, such as policy/lending.yaml.")
    documents: dict[Id, Text] = Field(
        default={},
        description="Documents by name, such as model_card: docs/model-card.yaml.",
    )
    monitoring: Text | None = Field(default=None, description="The monitoring plan's file.")
    checks: list[Text] = Field(
        default=[], description="Python files with checks of your own, such as checks/churn.py."
    )
    evidence: dict[Id, ExternalSchema] = Field(
        default={},
        description="Reports of other tools by name, such as unit-tests: {path, format}; the "
        "checks external.… read them.",
    )
