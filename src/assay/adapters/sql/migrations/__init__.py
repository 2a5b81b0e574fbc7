"""Steps from one schema to the next, by Alembic's operations; none changes once released.

Schema 1 is that of release 0.1.0. A new database is made whole from `tables`, and a test shows
that it is what the steps lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from alembic.operations import Operations

from assay.adapters.sql.migrations import to_2, to_3, to_4

MIGRATIONS: Final[Mapping[int, Callable[[Operations], None]]] = {
    2: to_2.migrate,
    3: to_3.migrate,
    4: to_4.migrate,
}
"""By the version that a step leads to."""
