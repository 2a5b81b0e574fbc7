"""`assay attest`: a person confirms what no check shows."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli.gate_report import GATE_FORMATS, GateFormat, emit_gate_report
from assay.cli.options import MANIFEST, Actor, Json, Manifest, Reason, formats


def attest(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Its name or digest.")],
    requirement: Annotated[
        str, typer.Argument(metavar="REQUIREMENT", help="What the policy asks people to attest.")
    ],
    reason: Reason,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Attest that what a requirement asks is so for a version.

    It answers exactly what the policy that judged the version asks, until it is older than the
    policy allows. The version is judged again at once. Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.attesting import attest_requirement

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        report = attest_requirement(
            services, project, wanted, requirement, actor=name, reason=reason
        )
    emit_gate_report(report, asked, folder=project.root)
