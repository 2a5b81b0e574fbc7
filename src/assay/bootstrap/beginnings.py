"""What there is before a first gate: manifests, answers and policies to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.errors import ConfigurationError, EnvironmentUnavailable

if TYPE_CHECKING:
    from assay.adapters.discovery.answers import Answers, Proposal
    from assay.adapters.loaders.catalogues import Catalogues
    from assay.app.ports import Written
    from assay.documents.intake import IntakeReport
    from assay.policy import conditions
    from assay.policy.questionnaire import Questionnaire


MANIFEST: Final = "assay.yaml"


class ManifestExists(ConfigurationError):
    """`assay init` does not touch a manifest that is there."""

    code = "init.manifest-exists"


class NoAnswers(ConfigurationError):
    """There is no file of answers to the intake questionnaire."""

    code = "intake.missing"


class IntakeNotWritten(EnvironmentUnavailable):
    """The answers that were given cannot be written to their file."""

    code = "intake.not-written"


def init_answers(
    given: Mapping[str, str | None],
    *,
    predict: Sequence[str] | None,
    protected: Sequence[str] | None,
) -> Answers:
    """What the flags of `assay init` say.

    Raises:
        UnusableAnswer: a flag's value is none that its question allows.
    """
    from assay.adapters.discovery.answers import (
        QUESTIONS,
        Answers,
        Question,
        answered,
        protected_column,
    )

    questions = {question.field: question for question in QUESTIONS}
    answers = Answers(
        predict=tuple(predict) if predict else None,
        protected=None if protected is None else tuple(map(protected_column, protected)),
    )
    for name, text in given.items():
        if text is not None:
            question = questions.get(name) or Question(field=name, text=name)
            answers = answered(answers, question, text)
    return answers


def propose(folder: Path, answers: Answers) -> Proposal:
    """The answers, completed by what the folder holds, and what is left to ask."""
    from assay.adapters.discovery.finder import discover

    return discover(folder, answers)


def write_first_files(folder: Path, proposal: Proposal) -> dict[str, bool]:
    """Write the first manifest and the texts it names; each file, and whether it is new.

    Raises:
        IncompleteAnswers: something is still to be said.
        ManifestExists: there is a manifest already.
    """
    from assay.adapters.discovery.answers import complete
    from assay.adapters.discovery.starter import starter_files

    if (folder / MANIFEST).exists():
        raise ManifestExists(
            "There is a manifest already; it stays as it is.",
            where=str(folder / MANIFEST),
            remedy="Edit it, or move it away and run `assay init` again.",
        )
    written: dict[str, bool] = {}
    for name, text in starter_files(complete(proposal), proposal.reasons).items():
        path = folder / name
        written[name] = not path.exists()
        if written[name]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return written


def catalogues() -> Catalogues:
    """Everything that Assay ships of law and good practice."""
    from assay.adapters.loaders.catalogues import load_catalogues

    return load_catalogues()


def read_intake(file: Path, own: Path | None = None) -> IntakeReport:
    """What follows from the answers in a file.

    Args:
        file: the answers.
        own: further questions of the organisation; None: those that a manifest beside the
            answers names, if it names any.

    Raises:
        NoAnswers: the file is not there.
        ConfigurationError: it is no answers file.
    """
    from assay.adapters.loaders.files import MissingFile, read_written

    try:
        written = read_written(file, file=str(file))
    except MissingFile as error:
        raise NoAnswers(
            "There are no answers to the intake questionnaire.",
            where=str(file),
            remedy="On a terminal `assay intake` asks and writes them; `assay schema intake` "
            "describes the file.",
        ) from error
    return intake_of(written, questionnaire(own or _own_questions(file.parent)))


def questionnaire(own: Path | None) -> Questionnaire:
    """The questionnaire, with an organisation's own questions if a file holds some."""
    from assay.adapters.loaders.files import read_written
    from assay.adapters.loaders.questionnaires import extended

    known = catalogues().questionnaire
    return known if own is None else extended(known, read_written(own, file=str(own)))


def intake_of(written: Written, questionnaire: Questionnaire) -> IntakeReport:
    """What follows from the answers in a text; raises ConfigurationError if they are none."""
    from assay.adapters.loaders.intake import parse_answers
    from assay.app.life.intake import assess_intake

    known = catalogues()
    return assess_intake(
        parse_answers(written, questionnaire),
        file=written.file,
        questionnaire=questionnaire,
        library=known.library,
        controls=known.controls,
        ready=known.ready,
    )


def recorded_intake(folder: Path) -> IntakeReport | None:
    """What followed from the answers that the workspace in a folder holds, if it holds any."""
    from assay.app.ports import Written
    from assay.bootstrap.workspaces import NoWorkspace, open_workspace
    from assay.governance.fold import INTAKE

    # The answers that are compared need not be those that the manifest can be read with.
    system = _system_in(folder).get("id")
    if not isinstance(system, str):
        return None
    try:
        with open_workspace(folder, create=False) as services:
            known = services.journal.record(INTAKE, system)
            if known is None:
                return None
            source = services.blobs.get(str(known.value["intake"]))
    except NoWorkspace:
        return None
    answers = Written(file="the recorded answers", source=source)
    return intake_of(answers, questionnaire(_own_questions(folder)))


def _own_questions(folder: Path) -> Path | None:
    """The file of further questions that a manifest in a folder names, if there is one."""
    named = _system_in(folder).get("questionnaire")
    return folder / named if isinstance(named, str) else None


def _system_in(folder: Path) -> Mapping[str, Any]:
    """What the manifest in a folder says of its system, unchecked; nothing without one."""
    from assay.adapters.loaders.files import read_written
    from assay.adapters.loaders.yaml import parse_yaml

    manifest = folder / MANIFEST
    if not manifest.exists():
        return {}
    text = parse_yaml(read_written(manifest, file=str(manifest)).source, file=MANIFEST)
    system = text.value.get("system")
    return system if isinstance(system, dict) else {}


def write_intake(file: Path, answers: conditions.Answers, asked: Questionnaire) -> None:
    """Write a first answers file to what was asked; none that exists is touched.

    Raises:
        IntakeNotWritten: it exists, or its folder takes no file.
    """
    from assay.adapters.loaders.intake import render_answers

    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(render_answers(asked, answers))
    except OSError as error:
        raise IntakeNotWritten(
            f"The answers cannot be written: {error.strerror}.",
            where=str(file),
            remedy="Name a file that you may make.",
        ) from error


def attested_by_people(name: str) -> str:
    """What a ready policy leaves to people, as text.

    Raises:
        UnknownReadyPolicy: there is none of that name.
    """
    from assay.adapters.loaders.extending import read_ready
    from assay.documents.ready import render_attested

    read_ready(name)
    known = catalogues()
    return render_attested(known.ready.policies[name], known.ready, known.controls, known.library)
