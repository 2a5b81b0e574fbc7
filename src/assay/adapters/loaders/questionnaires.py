"""A questionnaire's text as a questionnaire: every name in it known, every part reachable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final

from assay.adapters.loaders.problems import raise_problems, validate
from assay.adapters.loaders.questionnaire_schema import (
    ApplicationSchema,
    ConditionSchema,
    ExtensionSchema,
    LegalClassSchema,
    OwnQuestionSchema,
    QuestionnaireSchema,
    QuestionSchema,
)
from assay.adapters.loaders.shipped import shipped
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, suggest
from assay.policy.conditions import (
    AllOf,
    Answers,
    AnyOf,
    Chosen,
    Condition,
    QuestionId,
    questions_of,
)
from assay.policy.provisions import Reference
from assay.policy.questionnaire import (
    Alternative,
    Application,
    Contradiction,
    Example,
    LegalClass,
    Question,
    Questionnaire,
    Rule,
    Score,
)

QUESTIONNAIRE: Final = "assay-tiering.yaml"
IN_FORCE: Final = "in force"


class UnknownName(ConfigurationError):
    """A catalogue speaks of a question, option, predicate or control that it does not have."""

    code = "catalogue.unknown-name"


class InconsistentCatalogue(ConfigurationError):
    """The parts of a catalogue do not fit each other."""

    code = "catalogue.inconsistent"


class Names:
    """The questions and predicates that conditions may name; what is wrong is collected.

    Args:
        text: the text, for places.
        questions: the options by question.
        predicates: predicates by name, as far as they are known.
    """

    def __init__(
        self,
        text: YamlText,
        questions: Mapping[str, Sequence[str]],
        predicates: dict[str, Condition],
    ) -> None:
        self.text = text
        self.questions = questions
        self.predicates = predicates
        self.problems: list[ConfigurationError] = []

    def condition(self, schema: ConditionSchema, path: str) -> Condition:
        """The condition that stands at a path; of unknown names, one that never holds."""
        never = AnyOf(parts=())
        if schema.pred is not None:
            known = self.known(schema.pred, self.predicates, "predicate", f"{path}.pred")
            return self.predicates[schema.pred] if known else never
        if schema.q is not None:
            if not self.known(schema.q, self.questions, "question", f"{path}.q"):
                return never
            options = schema.options or list(self.questions[schema.q])
            return self.chosen(schema.q, options, f"{path}.in")
        if schema.all_of is not None:
            return AllOf(parts=self._parts(schema.all_of, f"{path}.all"))
        return AnyOf(parts=self._parts(schema.any_of or (), f"{path}.any"))

    def chosen(self, question: str, options: Iterable[str], path: str) -> Chosen:
        """The condition that any of some options is chosen."""
        known = self.questions.get(question, ())
        for option in options:
            self.known(option, known, f"option of {question!r}", path)
        return Chosen(question=QuestionId(question), options=tuple(options))

    def answers(self, written: Mapping[str, Sequence[str]], path: str) -> Answers:
        """Answers to known questions."""
        found: dict[QuestionId, frozenset[str]] = {}
        for question, options in written.items():
            if self.known(question, self.questions, "question", f"{path}.{question}"):
                self.chosen(question, options, f"{path}.{question}")
            found[QuestionId(question)] = frozenset(options)
        return found

    def known(self, name: str, names: Iterable[str], kind: str, path: str) -> bool:
        """Whether a name is known; if not, a problem joins the others."""
        known = list(names)
        if name not in known:
            self.problems.append(
                UnknownName(
                    f"There is no {kind} {name!r}.",
                    where=self.text.locate(path),
                    remedy=suggest(name, known, otherwise=f"Known: {', '.join(known)}."),
                )
            )
        return name in known

    def refuse(self, what: str, path: str, *, remedy: str) -> None:
        """Something does not fit; a problem joins the others."""
        self.problems.append(
            InconsistentCatalogue(what, where=self.text.locate(path), remedy=remedy)
        )

    def _parts(self, schemas: Sequence[ConditionSchema], path: str) -> tuple[Condition, ...]:
        return tuple(
            self.condition(part, f"{path}.{number}") for number, part in enumerate(schemas)
        )


@cache
def load_questionnaire() -> Questionnaire:
    """The questionnaire that Assay ships; its references are not looked up."""
    return parse_questionnaire(shipped(QUESTIONNAIRE))


def parse_questionnaire(written: Written) -> Questionnaire:
    """The questionnaire that a text lays down; its references are not looked up.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(QuestionnaireSchema, text)
    names = Names(text, {item.id: item.options for item in schema.items}, {})
    for name, item in schema.predicates.items():
        # A predicate may name those above it, and so never itself.
        names.predicates[name] = names.condition(item.when, f"predicates.{name}.when")
    questionnaire = Questionnaire(
        as_of=schema.as_of,
        questions=_questions(schema, names),
        predicates=names.predicates,
        contradictions=tuple(_contradictions(schema, names)),
        rules=tuple(_rules(schema, names)),
        score=_score(schema, names),
        legal_classes=tuple(_legal_classes(schema.legal_classes, names)),
        examples=tuple(
            Example(
                name=item.name,
                answers=names.answers(item.answers, f"examples.{number}.answers"),
                expect=item.expect,
            )
            for number, item in enumerate(schema.examples)
        ),
    )
    raise_problems(names.problems)
    return questionnaire


def extended(questionnaire: Questionnaire, written: Written) -> Questionnaire:
    """A questionnaire with the questions and rules of an organisation's own.

    They come after Assay's, add no points, and may only raise a tier.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(ExtensionSchema, text)
    options: dict[str, Sequence[str]] = {
        **{name: item.options for name, item in questionnaire.questions.items()},
        **{item.id: item.options for item in schema.items},
    }
    names = Names(text, options, dict(questionnaire.predicates))
    questions = dict(questionnaire.questions)
    for number, item in enumerate(schema.items):
        path, name = f"items.{number}", QuestionId(item.id)
        if name in questions:
            names.refuse(
                f"Question {item.id!r} is asked already.", f"{path}.id", remedy="Choose another id."
            )
            continue
        default = names.answers({item.id: item.default}, f"{path}.default")[name]
        questions[name] = _question(item, default, names, path)
    raises = tuple(
        Rule(
            id=item.id,
            tier=item.tier,
            any=(
                Alternative(
                    title=item.title,
                    when=names.condition(item.when, f"rules.{number}.when"),
                    because=(),
                ),
            ),
        )
        for number, item in enumerate(schema.rules)
    )
    raise_problems(names.problems)
    return replace(
        questionnaire,
        questions=questions,
        raises=(*questionnaire.raises, *raises),
        name=f"{questionnaire.name} with {schema.questionnaire} {schema.version}",
    )


def _questions(schema: QuestionnaireSchema, names: Names) -> dict[QuestionId, Question]:
    defaults = names.answers(schema.default_answers, "default_answers")
    found: dict[QuestionId, Question] = {}
    for number, item in enumerate(schema.items):
        path, name = f"items.{number}", QuestionId(item.id)
        if name in found or name not in defaults:
            names.refuse(
                f"Question {item.id!r} stands here twice, or has no default answer.",
                f"{path}.id",
                remedy="Keep one, and give it one under `default_answers`.",
            )
            continue
        found[name] = _question(item, defaults[name], names, path)
    return found


def _question(
    item: QuestionSchema | OwnQuestionSchema, default: frozenset[str], names: Names, path: str
) -> Question:
    points = item.points if isinstance(item, QuestionSchema) else {}
    explained_by = item.explained_by if isinstance(item, QuestionSchema) else {}
    names.chosen(item.id, points, f"{path}.points")
    names.chosen(item.id, explained_by, f"{path}.explained_by")
    if item.type == "choice" and len(default) != 1:
        names.refuse(
            f"Question {item.id!r} has {len(default)} default answers.",
            f"default_answers.{item.id}",
            remedy="Give it one.",
        )
    asked_if = names.condition(item.asked_if, f"{path}.asked_if") if item.asked_if else None
    above = list(names.questions)[: list(names.questions).index(item.id)]
    for name in questions_of(asked_if) if asked_if else ():
        if name not in above:
            names.refuse(
                f"Whether {item.id!r} is asked depends on {name!r}, which stands below.",
                f"{path}.asked_if",
                remedy="Put the question on which it depends above it.",
            )
    return Question(
        id=QuestionId(item.id),
        title=item.title,
        help=item.text,
        options=tuple(item.options),
        several=item.type == "multi",
        default=default,
        asked_if=asked_if,
        points=points,
        explained_by=_references_by(explained_by),
    )


def _contradictions(schema: QuestionnaireSchema, names: Names) -> Iterator[Contradiction]:
    readings: dict[str, str] = {}
    for number, item in enumerate(schema.contradictions):
        path = f"contradictions.{number}"
        for question, option in item.read_as.items():
            names.answers({question: [option]}, f"{path}.read_as")
            if readings.setdefault(question, option) != option:
                names.refuse(
                    f"{question!r} is read as {option!r} here and as {readings[question]!r} above.",
                    f"{path}.read_as.{question}",
                    remedy="Read a question as one option, or the order would decide.",
                )
        yield Contradiction(
            id=item.id,
            title=item.title,
            when=names.condition(item.when, f"{path}.when"),
            because=_references(item.because),
            read_as={QuestionId(name): option for name, option in item.read_as.items()},
            at_least=item.at_least,
        )


def _rules(schema: QuestionnaireSchema, names: Names) -> Iterator[Rule]:
    last = schema.rules[-1].any[-1].when
    if [rule.tier for rule in schema.rules] != sorted(
        (rule.tier for rule in schema.rules), reverse=True
    ) or last.all_of != []:
        names.refuse(
            "The rules do not go from the strictest tier down to one that always holds.",
            "rules",
            remedy="Sort them by tier, and end with `when: {all: []}`.",
        )
    for number, item in enumerate(schema.rules):
        yield Rule(
            id=item.id,
            tier=item.tier,
            any=tuple(
                Alternative(
                    title=part.title,
                    when=names.condition(part.when, f"rules.{number}.any.{index}.when"),
                    because=_references(part.because),
                )
                for index, part in enumerate(item.any)
            ),
        )


def _score(schema: QuestionnaireSchema, names: Names) -> Score:
    most = sum(max(item.points.values(), default=0) for item in schema.items)
    if most != schema.score.max:
        names.refuse(
            f"The score says at most {schema.score.max} points, and the questions give {most}.",
            "score.max",
            remedy=f"Write {most}.",
        )
    return Score(
        max=schema.score.max,
        cuts=schema.score.cuts,
        because=_references(schema.score.because),
    )


def _legal_classes(items: Sequence[LegalClassSchema], names: Names) -> Iterator[LegalClass]:
    for number, item in enumerate(items):
        path = f"legal_classes.{number}"
        yield LegalClass(
            id=item.id,
            title=item.title,
            when=names.condition(item.when, f"{path}.when"),
            applies=tuple(
                _application(part, names, f"{path}.applies.{index}.from")
                for index, part in enumerate(item.applies)
            ),
            obligations=_references(item.obligations),
            note=item.note,
            policy=item.policy,
        )


def _application(item: ApplicationSchema, names: Names, path: str) -> Application:
    if item.day == IN_FORCE:
        return Application(day=None, what=item.what)
    try:
        return Application(day=date.fromisoformat(item.day), what=item.what)
    except ValueError:
        names.refuse(f"{item.day!r} is no day.", path, remedy=f"Write 2027-12-02, or `{IN_FORCE}`.")
        return Application(day=None, what=item.what)


def _references(written: Iterable[str]) -> tuple[Reference, ...]:
    return tuple(map(Reference, written))


def _references_by(written: Mapping[str, str]) -> dict[str, Reference]:
    return {option: Reference(item) for option, item in written.items()}
