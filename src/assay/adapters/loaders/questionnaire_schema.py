"""The schema of an intake questionnaire: its conditions, questions, rules and legal classes."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from assay.adapters.loaders.catalogue_schema import CatalogueSchema, EntrySchema
from assay.adapters.loaders.fields import BarTier, DeclaredTier, Id, Number, Text, VersionName
from assay.adapters.loaders.problems import Strict, refuse

References = Annotated[list[Text], Field(min_length=1)]


FORMS: Final = ({"q", "options"}, {"q", "nonempty"}, {"pred"}, {"all_of"}, {"any_of"})
"""The fields of a condition that go together."""


class ConditionSchema(Strict):
    """A condition over answers, in exactly one of its forms."""

    q: Id | None = Field(default=None, description="A question.")
    options: list[Text] | None = Field(
        default=None, alias="in", min_length=1, description="Options, of which any is chosen."
    )
    nonempty: Literal[True] | None = Field(default=None, description="Whether any is chosen.")
    pred: Id | None = Field(default=None, description="A predicate of the questionnaire.")
    all_of: list[ConditionSchema] | None = Field(
        default=None, alias="all", description="Conditions that must all hold."
    )
    any_of: list[ConditionSchema] | None = Field(
        default=None, alias="any", min_length=1, description="Conditions of which one must hold."
    )

    @model_validator(mode="after")
    def _one_form(self) -> ConditionSchema:
        if self.model_fields_set not in FORMS:
            raise refuse(
                "is no condition.",
                remedy="Give exactly one of: q and in; q and nonempty; pred; all; any.",
            )
        return self


class PredicateSchema(Strict):
    """A condition with a name."""

    title: Text = Field(description="The predicate in words.")
    when: ConditionSchema = Field(description="When it holds.")


class AlternativeSchema(Strict):
    """One way in which a rule may hold."""

    title: Text = Field(description="It in words.")
    when: ConditionSchema = Field(description="When it holds.")
    because: References = Field(description="The provisions behind it.")


class RuleSchema(Strict):
    """A tier and the alternatives that lead to it."""

    id: Text = Field(description="The rule's id.")
    tier: DeclaredTier = Field(description="The tier.")
    any: list[AlternativeSchema] = Field(min_length=1, description="The alternatives.")


class ContradictionSchema(Strict):
    """Answers that cannot all be true, and how they are read."""

    id: Id = Field(description="The contradiction's id.")
    title: Text = Field(description="It in words.")
    when: ConditionSchema = Field(description="When it is one.")
    read_as: dict[Id, Text] = Field(default={}, description="Options that replace answers.")
    at_least: BarTier | None = Field(default=None, description="The lowest tier that follows.")
    because: References = Field(description="The provisions behind it.")

    @model_validator(mode="after")
    def _some_reading(self) -> ContradictionSchema:
        if not self.read_as and self.at_least is None:
            raise refuse(
                "says not how it is read.", remedy="Give `read_as`, or the tier `at_least`."
            )
        return self


class ScoreSchema(Strict):
    """The score that may raise a tier."""

    max: int = Field(description="The most points that there are.")
    cuts: dict[BarTier, Number] = Field(description="Shares of them beyond which a tier begins.")
    because: References = Field(description="Where the cuts come from.")


class ApplicationSchema(Strict):
    """From when some part of a law applies."""

    day: Text = Field(alias="from", description="A day, or `in force`.")
    what: Text = Field(description="What applies.")


class LegalClassSchema(Strict):
    """What a law makes of a system."""

    id: Id = Field(description="The class's id.")
    title: Text = Field(description="Its title.")
    when: ConditionSchema = Field(description="When a system is in it.")
    applies: list[ApplicationSchema] = Field(min_length=1, description="From when.")
    note: Text | None = Field(default=None, description="What a reader must know besides.")
    policy: Text | None = Field(default=None, description="The ready policy that asks for it.")
    obligations: list[Text] = Field(default=[], description="References to what follows.")


def _listed(value: Any) -> Any:
    """One option may be written without brackets."""
    return [value] if isinstance(value, str) else value


Options = Annotated[list[Text], BeforeValidator(_listed)]


class ExampleSchema(Strict):
    """Answers and the tier that they lead to."""

    name: Text = Field(description="What it is an example of.")
    answers: dict[Id, Options] = Field(description="The answers that differ from the defaults.")
    expect: DeclaredTier = Field(description="The tier.")


class QuestionSchema(EntrySchema):
    """One question with its closed list of options; `text` says what to think of."""

    type: Literal["choice", "multi"] = Field(description="Whether several may be chosen.")
    asked_if: ConditionSchema | None = Field(default=None, description="When it is asked.")
    options: list[Text] = Field(min_length=1, description="The options.")
    points: dict[Text, int] = Field(default={}, description="What each adds to the score.")
    explained_by: dict[Text, Text] = Field(
        default={}, description="References to the provisions behind options."
    )


class QuestionnaireSchema(CatalogueSchema):
    """The questionnaire with everything that follows from its answers."""

    predicates: dict[Id, PredicateSchema] = Field(description="Conditions with a name.")
    contradictions: list[ContradictionSchema] = Field(
        description="Answers that cannot all be true."
    )
    rules: list[RuleSchema] = Field(min_length=1, description="From the strictest tier down.")
    score: ScoreSchema = Field(description="The score that may raise a tier.")
    legal_classes: list[LegalClassSchema] = Field(description="What laws make of a system.")
    default_answers: dict[Id, Options] = Field(description="What is not asked is taken to say.")
    examples: list[ExampleSchema] = Field(description="Answers and the tiers they lead to.")
    items: list[QuestionSchema] = Field(min_length=1, description="The questions.")


class OwnQuestionSchema(Strict):
    """A question of an organisation's own."""

    id: Id = Field(description="Its id, unlike that of any question that Assay asks.")
    title: Text = Field(description="The question.")
    text: Text = Field(description="What to think of.")
    type: Literal["choice", "multi"] = Field(description="Whether several may be chosen.")
    options: list[Text] = Field(min_length=1, description="The options.")
    default: Options = Field(description="What is not asked is taken to say.")
    asked_if: ConditionSchema | None = Field(default=None, description="When it is asked.")


class RaisingRuleSchema(Strict):
    """A rule of an organisation's own: where it holds, the tier is at least this."""

    id: Text = Field(description="The rule's id.")
    title: Text = Field(description="It in words.")
    tier: BarTier = Field(description="The lowest tier that follows.")
    when: ConditionSchema = Field(description="When it holds.")


class ExtensionSchema(Strict):
    """What an organisation asks besides, and what follows; it may only raise a tier."""

    questionnaire: Id = Field(description="The extension's name.")
    version: VersionName = Field(description="Its version.")
    items: list[OwnQuestionSchema] = Field(default=[], description="Further questions.")
    rules: list[RaisingRuleSchema] = Field(default=[], description="What raises the tier.")
