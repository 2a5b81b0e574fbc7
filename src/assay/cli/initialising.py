"""`assay init`: a first manifest from flags, from what the folder holds, and from answers."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assay.adapters.discovery.answers import Answers, Proposal, Question

Text = str | None


def init(
    folder: Annotated[Path, typer.Argument(help="The repository.")] = Path(),
    evaluation: Annotated[Text, typer.Option(help="Evaluation data, Parquet or CSV.")] = None,
    label: Annotated[Text, typer.Option(help="Its column of outcomes, two values.")] = None,
    positive: Annotated[Text, typer.Option(help="The outcome that a high score predicts.")] = None,
    score: Annotated[Text, typer.Option(help="Its column of scores, from 0 to 1.")] = None,
    predict: Annotated[Text, typer.Option(help="Or the command that computes them.")] = None,
    favourable_when: Annotated[
        Text, typer.Option(help="The favourable decision is when the score is: <, <=, > or >=")
    ] = None,
    threshold: Annotated[Text, typer.Option(help="… this threshold.")] = None,
    protected: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN[:CUT,…]", help="Groups to compare; repeatable."),
    ] = None,
    unit: Annotated[
        Text, typer.Option(help="The column that names people, if rows repeat.")
    ] = None,
    training: Annotated[Text, typer.Option(help="Training data.")] = None,
    model: Annotated[Text, typer.Option(help="The model's file or folder.")] = None,
    code: Annotated[Text, typer.Option(help="Its code.")] = None,
    environment: Annotated[Text, typer.Option(help="Its lock file.")] = None,
    system: Annotated[Text, typer.Option(help="The system's id.")] = None,
    purpose: Annotated[Text, typer.Option(help="What it decides, about whom.")] = None,
    owner: Annotated[Text, typer.Option(help="Who answers for it.")] = None,
    tier: Annotated[Text, typer.Option(help="low, medium, high or critical.")] = None,
) -> None:
    """Write a first assay.yaml, with a policy.

    What flags do not say is looked for in the folder; what cannot be found is asked on a
    terminal, and named in a pipe. No file that exists is touched.
    """
    from assay import bootstrap

    given = bootstrap.init_answers(
        {
            "evaluation": evaluation,
            "label": label,
            "positive": positive,
            "score": score,
            "favourable_when": favourable_when,
            "threshold": threshold,
            "unit": unit,
            "training": training,
            "model": model,
            "code": code,
            "environment": environment,
            "system": system,
            "purpose": purpose,
            "owner": owner,
            "tier": tier,
        },
        predict=shlex.split(predict) if predict else None,
        protected=protected,
    )
    proposal = bootstrap.propose(folder, given)
    if sys.stdin.isatty():
        proposal = _interview(folder, proposal)
    written = bootstrap.write_first_files(folder, proposal)
    for name, reason in proposal.reasons.items():
        typer.echo(f"  {name.ljust(13)} {_shown(proposal.answers, name)}  ({reason})")
    for file, fresh in written.items():
        typer.echo(f"{'Wrote' if fresh else 'Kept '} {file}")
    typer.echo("Next: read assay.yaml and policy.yaml, then run `assay gate`.")


def _interview(folder: Path, proposal: Proposal) -> Proposal:
    """Ask until nothing is left; an answer may settle other questions."""
    from assay import bootstrap
    from assay.adapters.discovery.answers import UnusableAnswer, answered

    while proposal.questions:
        question = proposal.questions[0]
        text = typer.prompt(_prompt(question), default=question.suggestion)
        try:
            answers = answered(proposal.answers, question, text)
            found = bootstrap.propose(folder, answers)
        except UnusableAnswer as error:
            typer.echo(f"{error.what} {error.remedy}", err=True)
            continue
        proposal = replace(found, reasons={**proposal.reasons, **found.reasons})
    return proposal


def _prompt(question: Question) -> str:
    choices = f" [{', '.join(question.choices)}]" if question.choices else ""
    return f"{question.text}{choices}"


def _shown(answers: Answers, name: str) -> str:
    value = getattr(answers, name)
    if isinstance(value, tuple):
        return ", ".join(getattr(item, "column", str(item)) for item in value)
    return str(value)
