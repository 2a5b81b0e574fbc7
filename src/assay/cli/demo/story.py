"""The story: denied, mended, approved by two people, promoted, tampered with, found out."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from assay.cli.demo.folder import FIRST, SECOND, claim, lay_out
from assay.cli.demo.stage import Run, Stage
from assay.cli.demo.tampering import change_year
from assay.documents.wording import bound_figure, figure
from assay.errors import EnvironmentUnavailable

AUTHOR: Final = "ada"
VALIDATOR: Final = "ben"
APPROVER: Final = "cleo"

NEXT: Final = (
    ("assay explain approval-gap-age", "how one verdict came about"),
    ("assay log", "what the audit log holds"),
    ("assay check --list", "every check that a policy can name"),
    ("assay gate", "again, after you lower the gap's limit in policy/lending.yaml to 0.10"),
    ("assay init", "in a folder of your own, with a CSV of labels and scores"),
)


class TrainerMissing(EnvironmentUnavailable):
    """The demo trains with scikit-learn, which is not installed."""

    code = "demo.scikit-learn-missing"


def tell(directory: Path, *, run: Run) -> None:
    """Play the demo in a folder and leave everything there.

    Args:
        directory: an empty or absent folder, or one of an earlier demo.
        run: runs one command of the program and returns its exit code.

    Raises:
        TrainerMissing: scikit-learn is not installed.
        DirectoryTaken: the folder holds something else.
        Diverged: a command ended otherwise than the story says.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise TrainerMissing(
            "The demo trains two models, and scikit-learn is not installed.",
            remedy="Install it with `pip install 'assay[demo]'`.",
        )
    claim(directory)
    with contextlib.chdir(directory):
        stage = Stage(run)
        denied = _first_version(stage)
        _second_version(stage, denied)
        _two_people(stage)
        _tampering(stage, denied)
        _what_next(stage, directory)


def _first_version(stage: Stage) -> Any:
    stage.chapter("1. A first model")
    stage.say(
        "A bank wants a model that approves loans (German Credit, 1,000 applicants, real data). "
        "Its policy, in policy/lending.yaml, was fixed before any model was fitted. Half of the "
        "applicants train the model; it is judged on the other half."
    )
    lay_out(FIRST, Path())
    stage.python("prepare.py")
    stage.python("train.py")
    report = stage.judged("gate", "--as", AUTHOR, ends=1)
    stage.say(
        f"Denied. {_gap(report, 'age')} {_gap(report, 'sex')} There is no model card either, and "
        "nobody has said how the model will be watched."
    )
    return report


def _second_version(stage: Stage, denied: Any) -> None:
    stage.chapter("2. A better model, with a card and a plan")
    stage.say(
        "Version 2 does not see age and sex, and is trained so that its scores hardly carry them; "
        "which remedy to use is settled on the training half alone. A model card and "
        "a monitoring plan come with it."
    )
    lay_out(SECOND, Path())
    stage.python("train.py")
    stage.python("card.py")
    report = stage.judged("gate", "--as", AUTHOR, ends=3)
    before, after = (figure(_measured(item, "ranks-well")["value"]) for item in (denied, report))
    stage.say(
        f"On hold. {_gap(report, 'age')} {_gap(report, 'sex')} The price is a little ranking: ROC "
        f"AUC {before} before, {after} now. 500 applicants show gaps within "
        f"{_limit(report, 'age')} for one attribute; a limit of 0.10, or groups of age and sex "
        "together, would need more people, and no rule is bent for that. Now two people decide."
    )


def _two_people(stage: Stage) -> None:
    stage.chapter("3. Two people decide")
    stage.say(f"{AUTHOR.title()} made the model, so her own approval is refused.")
    stage.assay(*_approval("approver", AUTHOR, "It is my best"), ends=1)
    stage.say(f"{VALIDATOR.title()} has checked the model, and {APPROVER.title()} answers for it.")
    stage.recorded(*_approval("validator", VALIDATOR, "Figures reproduced"), ends=0)
    report = stage.recorded(*_approval("approver", APPROVER, "The price is acceptable"), ends=0)
    given = " and ".join(f"{item['person']} ({item['role']})" for item in report["approvals"])
    stage.say(f"Approved by {given}, on exactly the decision above. The gate is asked again:")
    stage.judged("gate", "--as", AUTHOR, ends=0)
    stage.say("Allowed. Only now can the version be promoted.")
    stage.assay("promote", "2.0.0", "--to", "production", "--as", APPROVER, ends=0)


def _tampering(stage: Stage, denied: Any) -> None:
    from assay import bootstrap

    stage.chapter("4. Somebody rewrites history")
    copy, index = Path("tampered"), denied["log"]["index"]
    stage.say("Everything above is in the audit log. Somebody copies it and touches one byte.")
    stage.show(f"mkdir {copy} && cp -r {bootstrap.WORKSPACE} {copy}")
    shutil.copytree(bootstrap.WORKSPACE, copy / bootstrap.WORKSPACE)
    with bootstrap.open_workspace(Path(), create=False) as services:
        entry = next(services.journal.entries(index))
    change = change_year(copy / bootstrap.WORKSPACE / bootstrap.JOURNAL, entry.data)
    stage.say(f"In the copy, the denial of version 1 (entry {index}) gets another year: {change}.")
    stage.assay("verify", "--workspace", str(copy), ends=4)
    stage.say("The log names the entry. The original is whole:")
    stage.assay("verify", ends=0)


def _what_next(stage: Stage, directory: Path) -> None:
    stage.chapter("5. Look around")
    stage.say(f"Everything is in {directory}. Go there (cd {directory}) and try:")
    if shutil.which("assay") is None:
        stage.show(f'export PATH="{Path(sys.executable).parent}:$PATH"')
    width = max(len(command) for command, _ in NEXT)
    for command, purpose in NEXT:
        print(f"  {command:<{width}}  {purpose}")


def _approval(role: str, person: str, reason: str) -> list[str]:
    return ["approve", "2.0.0", "--role", role, "--as", person, "--reason", reason]


def _gap(report: Any, attribute: str) -> str:
    """A sentence on the gap between approval rates, true of whatever verdict there is."""
    rule, measured = _rule(report, attribute), _measured(report, f"approval-gap-{attribute}")
    limit = _limit(report, attribute)
    high, low = bound_figure(measured["high"], up=True), bound_figure(measured["low"], up=False)
    said = {
        "pass": f"at most {high}, within the limit of {limit}",
        "insufficient": f"as much as {high} cannot be ruled out, and the limit is {limit}",
        "fail": f"at least {low}, beyond the limit of {limit}",
    }[rule["verdict"]]
    seen = figure(measured["value"])
    return f"The gap between approval rates by {attribute} is {seen} in these people: {said}."


def _limit(report: Any, attribute: str) -> str:
    return f"{_rule(report, attribute)['bar']['threshold']:.2f}"


def _rule(report: Any, attribute: str) -> Any:
    return _requirement(report, f"approval-gap-{attribute}")


def _measured(report: Any, requirement: str) -> Any:
    return _requirement(report, requirement)["measurement"]


def _requirement(report: Any, requirement: str) -> Any:
    return next(item for item in report["requirements"] if item["id"] == requirement)
