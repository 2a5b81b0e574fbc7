"""The manifest's system with its tier: declared, or from answers, or both."""

from __future__ import annotations

from pathlib import Path

from assay.adapters.loaders.files import read_written, resolve_path
from assay.adapters.loaders.manifest_schema import SystemSchema
from assay.adapters.loaders.problems import MissingKey
from assay.adapters.loaders.yaml import YamlText
from assay.app.ports import Written
from assay.errors import ConfigurationError
from assay.governance.manifest import Answer, IntakeFile, System
from assay.policy.tiering import tier_of
from assay.policy.tiers import Tier


class TierBelowIntake(ConfigurationError):
    """A manifest declares a lower tier than its intake's answers lead to."""

    code = "manifest.tier-below-intake"


def system_of(
    schema: SystemSchema, text: YamlText, *, folder: Path, roots: tuple[Path, ...]
) -> System:
    """The system, with a tier that is never below that of its intake's answers.

    Args:
        schema: what the manifest says of it.
        text: the manifest, for places.
        folder: the manifest's folder.
        roots: further folders in which the answers may lie.

    Raises:
        ConfigurationError: there is neither tier nor intake, the answers cannot be used, or a
            lower tier is declared.
    """
    declared = schema.tier
    if declared is None and schema.intake is None:
        raise MissingKey(
            "`system` has no `tier`, and no `intake` from which it would follow.",
            where=text.locate("system", key=True),
            remedy="Answer the questionnaire with `assay intake` and name its file under "
            "`intake`, or add `tier: low | medium | high | critical`.",
        )
    computed, intake = Tier.LOW, None
    if schema.intake is not None:
        written = _written(schema.intake, "system.intake", text, folder, roots)
        own = (
            _written(schema.questionnaire, "system.questionnaire", text, folder, roots)
            if schema.questionnaire
            else None
        )
        computed, intake = _answered(written, own)
    if declared is not None and declared < computed:
        raise TierBelowIntake(
            f"The manifest declares tier {declared}, and the answers in {schema.intake!r} lead "
            f"to tier {computed}.",
            where=text.locate("system.tier"),
            remedy=f"Delete `tier`, or raise it to {computed}: it may raise the answers' tier "
            f"and never lower it. `assay intake {schema.intake}` says which answers count.",
        )
    return System(
        id=schema.id,
        purpose=schema.purpose,
        owner=schema.owner,
        tier=computed if declared is None else declared,
        tier_source="intake" if intake and declared in {None, computed} else "declared",
        intake=intake,
        responsible=schema.responsible,
        on_call=schema.on_call,
        uses=tuple(dict.fromkeys(schema.uses)),
        review_days=schema.review_days,
    )


def _written(
    file: str, path: str, text: YamlText, folder: Path, roots: tuple[Path, ...]
) -> Written:
    where = text.locate(path)
    found = resolve_path(file, folder=folder, roots=roots, where=where)
    return read_written(found, file=file, where=where)


def _answered(written: Written, own: Written | None) -> tuple[Tier, IntakeFile]:
    """The tier that follows from answers, and the file with what it answers."""
    # A manifest that declares its tier needs no questionnaire, and does not wait for one.
    from assay.adapters.loaders.intake import parse_answers
    from assay.adapters.loaders.questionnaires import extended, load_questionnaire

    questionnaire = load_questionnaire()
    if own is not None:
        questionnaire = extended(questionnaire, own)
    answers = parse_answers(written, questionnaire)
    chosen: dict[str, Answer] = {}
    for name, question in questionnaire.questions.items():
        options = tuple(option for option in question.options if option in answers[name])
        chosen[name] = options if question.several else options[0]
    tiering = tier_of(questionnaire, answers)
    return tiering.tier, IntakeFile(
        path=written.file,
        source=written.source,
        answers=chosen,
        exposures=tuple(item.legal_class.id for item in tiering.exposures),
        tier=tiering.tier,
        questionnaire=f"{questionnaire.name}, {questionnaire.as_of}",
    )
