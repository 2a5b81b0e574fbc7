"""`assay intake`: from answers to a tier, legal classes, obligations, and what will be asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from assay.cli.options import MANIFEST, Actor, Format, Json, Manifest, Reason, formats

if TYPE_CHECKING:
    from assay.policy.conditions import Answers, QuestionId
    from assay.policy.provisions import Library
    from assay.policy.questionnaire import Question, Questionnaire


class _ShowsByDefault(TyperGroup):
    """`assay intake` alone, or with a file, says what follows from answers."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command that was meant."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ShowsByDefault,
    rich_markup_mode=None,
    help="Say what follows from answers to the intake questionnaire, and review them.",
)


@app.command()
def review(
    reason: Reason,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Agree with the answers that a system's tier rests on.

    From tier high up they count only once someone other than who submitted them has. Exit 1:
    refused.
    """
    from assay import bootstrap
    from assay.app.life.intake_review import review_intake
    from assay.policy.periods import period_words

    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        done = review_intake(services, project.manifest()[0].system.id, actor=name, reason=reason)
    typer.echo(
        f"REVIEWED  {done.system}, tier {done.tier}   {period_words(done.waited)} after they were "
        f"submitted   entry {done.index}"
    )
    typer.echo("Next: assay gate decides anew.")


@app.command("show")
def intake(
    file: Annotated[Path, typer.Argument(help="The answers.")] = Path("intake.yaml"),
    questionnaire: Annotated[
        Path | None,
        typer.Option("--questionnaire", help="Your organisation's; default: the manifest's."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="Other answers; default: those that are recorded."),
    ] = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Say what follows from the answers to the intake questionnaire.

    The tier with its reasons, legal classes with their dates and obligations, and what the gate
    will ask; then what differs from the answers that are recorded. On a terminal, a file that
    is not there yet is written from your answers. Nothing is recorded: name the file under
    `system.intake` in the manifest.
    """
    from assay import bootstrap
    from assay.cli.output import columns, emit
    from assay.documents.intake import intake_json, render_intake
    from assay.documents.intake_changes import changes_document, intake_changes, render_changes

    if not file.exists() and sys.stdin.isatty():
        asked = bootstrap.questionnaire(questionnaire)
        bootstrap.write_intake(file, _interview(asked), asked)
        typer.echo(f"Wrote {file}\n")
    report = bootstrap.read_intake(file, questionnaire)
    before = (
        bootstrap.read_intake(against, questionnaire)
        if against
        else bootstrap.recorded_intake(file.parent)
    )
    changes = None if before is None else intake_changes(before, report)
    told = "" if changes is None else render_changes(changes)
    emit(
        formats(format, json),
        {
            "text": lambda: render_intake(report, width=columns()) + (told and f"\n{told}"),
            "json": lambda: intake_json(
                report, None if changes is None else changes_document(changes)
            ),
        },
    )


def _interview(questionnaire: Questionnaire) -> Answers:
    """Every question that is asked, given the answers before it."""
    from assay import bootstrap

    library = bootstrap.catalogues().library
    answers: dict[QuestionId, frozenset[str]] = {}
    for name, question in questionnaire.questions.items():
        if questionnaire.asked(question, answers):
            answers[name] = _ask(question, library)
    return questionnaire.completed(answers)


def _ask(question: Question, library: Library) -> frozenset[str]:
    """Ask until there is an answer; nobody is led to one by a default."""
    from assay.adapters.loaders.intake import typed_answer
    from assay.errors import ConfigurationError

    typer.echo(f"\n{question.title}\n  {question.help}")
    for option in question.options:
        reference = question.explained_by.get(option)
        typer.echo(f"  {option}{f' ({library.title(reference)})' if reference else ''}")
    hint = "any, with commas between, or none" if question.several else "one of these"
    while True:
        try:
            return typed_answer(question, typer.prompt(f"  {question.id} ({hint})"))
        except ConfigurationError as error:
            typer.echo(f"  {error.what} {error.remedy}", err=True)
