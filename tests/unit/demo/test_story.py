"""The demo, played once from beginning to end."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.cli.demo.story import NEXT
from assay.cli.run import run
from assay.documents.wording import bound_figure, figure

LIMIT = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run of the demo left and printed."""

    folder: Path
    code: int
    printed: str

    def report(self, number: int) -> Any:
        """A gate's report, by its order in the story."""
        return json.loads((self.folder / "reports" / f"{number}.json").read_text())

    def commands(self) -> list[tuple[str, int]]:
        """Each command of the program with the exit code printed after it."""
        parts = re.findall(r"(?ms)^\$ assay (.*?)$(.*?)^\(exit (\d+)\)$", self.printed)
        return [(command, int(code)) for command, _, code in parts]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo, through the program's own entrance."""
    folder = tmp_path_factory.mktemp("played") / "demo"
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = run(["demo", "--directory", str(folder)])
    return Played(folder=folder, code=code, printed=out.getvalue() + errors.getvalue())


@pytest.fixture
def inside(played: Played, tmp_path: Path) -> Iterator[Path]:
    """A copy of the folder left behind, and we in it."""
    copy = tmp_path / "demo"
    shutil.copytree(played.folder, copy)
    with contextlib.chdir(copy):
        yield copy


def _requirement(report: Any, name: str) -> Any:
    return next(item for item in report["requirements"] if item["id"] == name)


def test_it_ends_well(played: Played) -> None:
    """The demo plays to its end and says where everything is."""
    assert played.code == 0, played.printed
    assert str(played.folder) in played.printed


def test_every_command_ends_as_its_outcome_says(played: Played) -> None:
    """Denied is 1, on hold 3, refused 1, allowed 0, a failed verification 4."""
    told = [(command.split(" --")[0], code) for command, code in played.commands()]
    assert told == [
        ("gate", 1),
        ("gate", 3),
        ("approve 2.0.0", 1),
        ("approve 2.0.0", 0),
        ("approve 2.0.0", 0),
        ("gate", 0),
        ("promote 2.0.0", 0),
        ("verify", 4),
        ("verify", 0),
    ]


def test_the_first_version_is_denied_for_what_its_data_say(played: Played) -> None:
    """No card, no plan, and gaps that 500 people cannot show to be within the limit."""
    report = played.report(1)
    denying = {item["id"] for item in report["requirements"] if item["effect"] == "deny"}
    assert report["decision"] == "deny"
    assert denying == {"model-card", "monitoring-plan", "approval-gap-age", "approval-gap-sex"}
    for name in ("approval-gap-age", "approval-gap-sex"):
        assert _requirement(report, name)["measurement"]["high"] > LIMIT


def test_the_second_version_meets_every_requirement_and_waits(played: Played) -> None:
    """Nothing is left but two people."""
    report = played.report(2)
    assert report["decision"] == "hold"
    assert {item["verdict"] for item in report["requirements"]} == {"pass"}
    assert report["awaiting"] == ["validator", "approver"]
    for name in ("approval-gap-age", "approval-gap-sex"):
        assert _requirement(report, name)["measurement"]["high"] <= LIMIT


def test_allowed_after_two_people(played: Played) -> None:
    """Two names, neither the author's."""
    report = played.report(5)
    assert played.report(3)["awaiting"] == ["approver"]
    assert report["decision"] == "allow"
    assert {item["person"] for item in report["approvals"]} == {"ben", "cleo"}


def test_the_authors_own_approval_is_refused(played: Played) -> None:
    """The refusal says why."""
    assert "approval.refused" in played.printed
    assert "The author of version 2.0.0 cannot approve it" in played.printed


def test_the_narration_quotes_the_run(played: Played) -> None:
    """Each gap told is that of the report just printed, its bound rounded away from the claim."""
    told = re.findall(
        r"rates by (age|sex) is ([\d.]+) in these people: (as much as|at most) ([\d.]+)",
        " ".join(played.printed.split()),
    )
    assert [(attribute, verb) for attribute, _, verb, _ in told] == [
        ("age", "as much as"), ("sex", "as much as"), ("age", "at most"), ("sex", "at most"),
    ]  # fmt: skip
    for number, (attribute, value, _, high) in zip((1, 1, 2, 2), told, strict=True):
        gap = _requirement(played.report(number), f"approval-gap-{attribute}")["measurement"]
        assert float(value) == pytest.approx(gap["value"], abs=5e-4)
        assert 0.0 <= float(high) - gap["high"] < 1e-3


def test_verify_names_the_entry_that_was_changed(played: Played) -> None:
    """Of all entries, the one with the flipped byte is named."""
    index = played.report(1)["log"]["index"]
    assert f"(entry {index}) gets another year" in " ".join(played.printed.split())
    assert f"journal.entry-changed  entry {index}\n" in played.printed


def test_the_commands_to_try_next_work(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is sent to a command that misbehaves in the folder left behind."""
    here = [shlex.split(command)[1:] for command, _ in NEXT if command != "assay init"]
    codes = [run(arguments) for arguments in here]
    assert codes == [0] * len(here), capsys.readouterr().err


def test_a_tighter_limit_is_not_shown(inside: Path) -> None:
    """With a limit of 0.10, as the demo proposes to try, the same version is not allowed."""
    policy = inside / "policy" / "lending.yaml"
    policy.write_text(policy.read_text().replace("{medium: 0.15}", "{medium: 0.10}"))
    assert run(["gate", "--as", "ada", "--json"]) == 1


def test_the_guide_tells_the_figures_of_the_run(played: Played) -> None:
    """What docs/guides/demo.md says of both versions is what the gate says."""
    guide = Path("docs/guides/demo.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| ([a-z-]+) \| (at (?:least|most)) ([\d.]+) "
        r"\| ([\d.]+), \2 ([\d.]+) \| ([\d.]+), \2 ([\d.]+) \|$",
        guide,
        re.MULTILINE,
    )
    assert len(rows) == 4
    for name, direction, limit, *told in rows:
        expected: list[str] = []
        for number in (1, 2):
            found = _requirement(played.report(number), name)
            assert found["bar"]["threshold"] == float(limit)
            side = {"at least": "low", "at most": "high"}[direction]
            bound = bound_figure(found["measurement"][side], up=side == "high")
            expected += [figure(found["measurement"]["value"]), bound]
        assert told == expected, name


def test_the_guide_tells_what_training_prints(played: Played) -> None:
    """The comparison of remedies in the guide is the one that the script prints."""
    block = Path("docs/guides/demo.md").read_text(encoding="utf-8").split("```text\n")[1]
    assert block.split("```")[0] in played.printed
