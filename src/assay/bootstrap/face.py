"""What Python programs call: the same use cases that commands call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.bootstrap.verification import Trust, verify_workspace
from assay.bootstrap.workspaces import actor_name, open_project, open_workspace

if TYPE_CHECKING:
    from assay.documents.gate import GateReport
    from assay.documents.verification import WorkspaceVerification


def gate(manifest: str | Path = "assay.yaml", *, actor: str | None = None) -> GateReport:
    """Decide whether the version beside a manifest may ship, record why, and return the report.

    What `assay gate` does; the same errors are raised.

    Args:
        manifest: the manifest's path; its folder holds the workspace.
        actor: who runs it; None takes git's identity there.
    """
    from assay.app.judging.gate import gate_version

    project = open_project(Path(manifest))
    with open_workspace(project.root) as services:
        return gate_version(services, project, actor=actor_name(actor, project.root))


def verify(
    folder: str | Path = ".", *, key: str | None = None, state: bool = True
) -> WorkspaceVerification:
    """Verify a workspace's whole journal: entries, hashes, signatures, blobs and tables.

    What `assay verify --state` does.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
    """
    return verify_workspace(
        Path(folder), trust=Trust(keys=() if key is None else [key]), state=state
    )
