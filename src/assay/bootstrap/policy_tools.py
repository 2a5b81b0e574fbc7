"""Policies as files: loaded with the checks that a manifest names, if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.bootstrap.journals import has_journal
from assay.bootstrap.merged_policies import read_policy, vocabulary
from assay.bootstrap.workspaces import WORKSPACE, open_project, open_workspace
from assay.errors import ConfigurationError

if TYPE_CHECKING:
    from decimal import Decimal

    from assay.app.ports import Written
    from assay.bootstrap.merged_policies import Vocabulary
    from assay.documents.policy_difference import DifferenceReport
    from assay.documents.policy_lint import LintReport
    from assay.documents.policy_tests import PolicyTestReport
    from assay.policy.expressions import Programs
    from assay.policy.policy import Policy


TESTS: Final = "policy/tests"
"""Where policy tests lie, beside the manifest."""


class NoPolicyTests(ConfigurationError):
    """There are no policy tests where they were looked for."""

    code = "policy-test.none"


class SeveralPolicies(ConfigurationError):
    """Files of policy tests that are of different policies were to run together."""

    code = "policy-test.several-policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy:
    """A policy with its text and what it may name."""

    policy: Policy
    text: Written
    known: Vocabulary

    def programs(self) -> Programs:
        """Its expressions, compiled for evaluation."""
        from assay.adapters.loaders.programs import compile_programs

        return compile_programs(self.policy, self.known.checks, answers=self.known.answers)


def load_policy(file: Path | None, manifest: Path) -> LoadedPolicy:
    """A policy's file, or else the policy that the manifest names, with all that it builds on.

    A file may name the checks of the manifest's repository and the questions of its intake,
    where there is a manifest; that it suits the manifest's data is asked of the manifest's own
    policy alone.

    Raises:
        ConfigurationError: it cannot be used, and where.
    """
    from assay.adapters.loaders.policy import parse_policy

    known = vocabulary(manifest if file is None or manifest.exists() else None)
    if file is None:
        project = open_project(manifest)
        policy, text = project.policy(project.manifest()[0], known.checks)
        return LoadedPolicy(policy=policy, text=text, known=known)
    text = read_policy(str(file), manifest)
    policy = parse_policy(text, known.checks, answers=known.answers)
    return LoadedPolicy(policy=policy, text=text, known=known)


def lint_policies(files: Sequence[Path], manifest: Path, *, rows: int | None) -> list[LintReport]:
    """Lint policy files, or else the policy that the manifest names.

    Args:
        files: the policies.
        manifest: where the repository's own checks and its policy are named.
        rows: the size of the sample; None takes that of the system's latest evaluation.

    Raises:
        ConfigurationError: there is nothing to lint.
    """
    from assay.adapters.clocks import SystemClock
    from assay.adapters.loaders.programs import compile_programs
    from assay.app.policies.linting import lint_policy

    size = rows if rows is not None else _recorded_rows(manifest)
    known = vocabulary(manifest if not files or manifest.exists() else None)
    now = SystemClock().now()
    wanted: Sequence[Path | None] = files or [None]
    return [
        lint_policy(
            str(file) if file else _policy_file(manifest),
            partial(_policy, file, manifest),
            known.checks,
            at=now,
            rows=size,
            compiled=lambda policy: compile_programs(policy, known.checks, answers=known.answers),
        )
        for file in wanted
    ]


def run_policy_tests(
    files: Sequence[Path], manifest: Path, *, step: Decimal | None
) -> PolicyTestReport:
    """Run files of policy tests, all of one policy.

    Args:
        files: the tests; none means every one in the folder TESTS beside the manifest.
        manifest: where the repository's own checks and its policy are named.
        step: by which share of itself a threshold moves in a mutant; None takes the default.

    Raises:
        ConfigurationError: a file or the policy cannot be used, and where; there is no file; or
            the files test several policies.
    """
    from assay.adapters.loaders.files import read_written
    from assay.adapters.loaders.policy_tests import check_names, parse_suite
    from assay.app.policies.testing import STEP, run_suites

    found = list(files) or sorted((manifest.parent / TESTS).glob("*.yaml"))
    if not found:
        raise NoPolicyTests(
            "There are no policy tests.",
            where=str(manifest.parent / TESTS),
            remedy="Write some, or name their files.",
        )
    suites = [parse_suite(read_written(file, file=str(file))) for file in found]
    tested = {
        None if suite.policy is None else file.parent / suite.policy
        for file, suite in zip(found, suites, strict=True)
    }
    if len(tested) > 1:
        raise SeveralPolicies(
            f"These files test several policies: {', '.join(sorted(map(str, tested)))}.",
            remedy="Run them policy by policy.",
        )
    loaded = load_policy(tested.pop(), manifest)
    for suite in suites:
        check_names(suite, loaded.policy)
    return run_suites(
        loaded.policy,
        suites,
        loaded.known.checks,
        loaded.programs(),
        step=STEP if step is None else step,
    )


def compare_policies(old: str, new: Path | None, manifest: Path) -> DifferenceReport:
    """What changed from one policy to another.

    Args:
        old: a policy's file, or the first digits of the digest of one that was judged by.
        new: a policy's file, or else the policy that the manifest names.
        manifest: where the repository's own checks, its policy and its workspace are.

    Raises:
        ConfigurationError: one cannot be used, and where.
        UnknownPolicy: no policy with such a digest has been judged by here.
    """
    from assay.app.policies.comparison import compare, recorded_policy

    after = load_policy(new, manifest)
    if Path(old).is_file() or not has_journal(manifest.parent / WORKSPACE):
        return compare(load_policy(Path(old), manifest).policy, after.policy)
    with open_workspace(manifest.parent, create=False) as services:
        project = open_project(manifest)
        return compare(recorded_policy(services, project, old), after.policy)


def _policy(file: Path | None, manifest: Path) -> Policy:
    return load_policy(file, manifest).policy


def _policy_file(manifest: Path) -> str:
    return open_project(manifest).manifest()[0].policy


def _recorded_rows(manifest: Path) -> int | None:
    """The rows of the latest evaluation beside a manifest, where there are both."""
    from assay.app.policies.linting import recorded_rows

    if not manifest.exists() or not has_journal(manifest.parent / WORKSPACE):
        return None
    system = open_project(manifest).manifest()[0].system.id
    with open_workspace(manifest.parent, create=False) as services:
        return recorded_rows(services, system)
