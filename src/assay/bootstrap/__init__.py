"""The one place where ports meet adapters.

Adapters are imported inside the functions that wire them, so that a command loads only what
it uses.
"""

from assay.bootstrap.beginnings import (
    MANIFEST,
    IntakeNotWritten,
    ManifestExists,
    NoAnswers,
    attested_by_people,
    catalogues,
    init_answers,
    propose,
    questionnaire,
    read_intake,
    recorded_intake,
    write_first_files,
    write_intake,
)
from assay.bootstrap.exchange import (
    PackNotWritten,
    UnknownAudience,
    anchors,
    pull_pack,
    write_pack,
)
from assay.bootstrap.exploring import (
    UnusableRole,
    evaluate,
)
from assay.bootstrap.face import (
    gate,
    verify,
)
from assay.bootstrap.journals import JOURNAL
from assay.bootstrap.references import (
    UnknownSchema,
    json_schema,
    known_checks,
)
from assay.bootstrap.signing import (
    KEY,
    KeyNotInForce,
    KeyNotReplaced,
    rotate_workspace_key,
    workspace_keys,
)
from assay.bootstrap.stores import (
    BLOBS,
    UnknownGround,
    ground_named,
    open_blobs,
    retention_days,
    tile_store,
)
from assay.bootstrap.verification import (
    LogNotTrusted,
    Trust,
    verify_pack,
    verify_published,
    verify_workspace,
)
from assay.bootstrap.witnessing import (
    NoLogToWatch,
    WitnessNameMissing,
    open_witness,
    witnesses_in,
)
from assay.bootstrap.workspaces import (
    DRAWINGS,
    WORKSPACE,
    NoWorkspace,
    actor_name,
    discover_estate,
    open_drawer,
    open_project,
    open_workspace,
    recorded_version,
    repository_prefix,
)

__all__ = [
    "BLOBS",
    "DRAWINGS",
    "JOURNAL",
    "KEY",
    "MANIFEST",
    "WORKSPACE",
    "IntakeNotWritten",
    "KeyNotInForce",
    "KeyNotReplaced",
    "LogNotTrusted",
    "ManifestExists",
    "NoAnswers",
    "NoLogToWatch",
    "NoWorkspace",
    "PackNotWritten",
    "Trust",
    "UnknownAudience",
    "UnknownGround",
    "UnknownSchema",
    "UnusableRole",
    "WitnessNameMissing",
    "actor_name",
    "anchors",
    "attested_by_people",
    "catalogues",
    "discover_estate",
    "evaluate",
    "gate",
    "ground_named",
    "init_answers",
    "json_schema",
    "known_checks",
    "open_blobs",
    "open_drawer",
    "open_project",
    "open_witness",
    "open_workspace",
    "propose",
    "pull_pack",
    "questionnaire",
    "read_intake",
    "recorded_intake",
    "recorded_version",
    "repository_prefix",
    "retention_days",
    "rotate_workspace_key",
    "tile_store",
    "verify",
    "verify_pack",
    "verify_published",
    "verify_workspace",
    "witnesses_in",
    "workspace_keys",
    "write_first_files",
    "write_intake",
    "write_pack",
]
