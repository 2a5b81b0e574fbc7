"""Where a workspace's journal lies: a file of its own, or a database that several share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import ConfigurationError, EnvironmentUnavailable

if TYPE_CHECKING:
    from assay.adapters.sql.journal import SqlJournal

JOURNAL: Final = "journal.db"

DATABASE: Final = "ASSAY_DATABASE"
"""The variable that names a database; it goes before the workspace's settings."""

ELSEWHERE: Final = "journal.elsewhere"
"""Says that the journal was begun in a database, so that none is begun in a file beside it.

One key must not sign two histories.
"""


class TwoJournals(ConfigurationError):
    """A database is named for a workspace whose journal is in a file."""

    code = "workspace.two-journals"


class DatabaseNotNamed(EnvironmentUnavailable):
    """The journal is in a database, and nothing says in which."""

    code = "workspace.database-not-named"


def open_journal(home: Path, *, space: str, read_only: bool = False) -> SqlJournal:
    """The journal of a workspace, in the database that is named or in its own file.

    Args:
        home: the workspace's folder.
        space: the log's name, which is the journal's within a database of many.
        read_only: change nothing.

    Raises:
        TwoJournals: a database is named, and there is a file too.
        DatabaseNotNamed: none is named, and the journal was begun in one.
        AssayError: it cannot be opened; see the adapters.
    """
    from assay.adapters.sql.sqlite import open_sqlite
    from assay.governance.fold import fold

    url = database_url(home)
    if url is not None:
        return _open_elsewhere(home, url, space=space, read_only=read_only)
    if (home / ELSEWHERE).exists():
        raise DatabaseNotNamed(
            "The journal of this workspace is in a database, and none is named.",
            where=str(home / ELSEWHERE),
            remedy=f"Set {DATABASE}, or write `database:` into the workspace's settings.",
        )
    return open_sqlite(home / JOURNAL, fold=fold, read_only=read_only)


def has_journal(home: Path) -> bool:
    """Whether a workspace has begun, wherever its journal lies."""
    return (home / JOURNAL).exists() or (home / ELSEWHERE).exists()


def database_url(home: Path) -> str | None:
    """The database that is named for a workspace: by the environment, else by its settings."""
    from assay.adapters.settings import load_settings

    return os.environ.get(DATABASE) or load_settings(home).database


def _open_elsewhere(home: Path, url: str, *, space: str, read_only: bool) -> SqlJournal:
    from assay.adapters.sql.postgres import open_postgres
    from assay.governance.fold import fold

    if (home / JOURNAL).exists():
        raise TwoJournals(
            "A database is named, but this workspace has a journal in a file.",
            where=str(home / JOURNAL),
            remedy=f"Unset {DATABASE} and the settings' `database:`, or begin in another folder.",
        )
    begun = (home / ELSEWHERE).exists()
    journal = open_postgres(
        url, fold=fold, space=space, read_only=read_only, create=not (begun or read_only)
    )
    if not (begun or read_only):
        (home / ELSEWHERE).write_text(f"{journal.where}\n", encoding="utf-8")
    return journal
