"""Names to checks. Finding the modules is an adapter's work; nothing is imported here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay.checks.check import Check, declared_checks
from assay.errors import ConfigurationError


class MisplacedCheck(ConfigurationError):
    """A family's module declares a check of another family."""

    code = "check.other-family"


class AmbiguousCheck(ConfigurationError):
    """Two modules declare a check of the same name."""

    code = "check.declared-twice"


class NoChecks(ConfigurationError):
    """A module that should hold checks declares none."""

    code = "check.none-declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A module that declares checks.

    Attributes:
        origin: where it comes from, for people: a distribution and module, or a path.
        family: the first word that its checks' names must have (an entry point's name);
            None where any may occur (a file that the manifest names).
        namespace: the module's names.
    """

    origin: str
    family: str | None
    namespace: Mapping[str, Any]


def checks_of(source: Source) -> dict[str, Check]:
    """The checks of one module, by name, in name order.

    Raises:
        NoChecks: it declares none.
        MisplacedCheck: it declares one of another family.
    """
    checks = declared_checks(source.namespace)
    if not checks:
        raise NoChecks(
            "The module declares no check.",
            where=source.origin,
            remedy="Decorate a function with @assay.checks.check.check('family.name', …).",
        )
    for name in checks:
        family = name.partition(".")[0]
        if source.family is not None and family != source.family:
            raise MisplacedCheck(
                f"Check {name!r} is declared by the family {source.family!r}.",
                where=source.origin,
                remedy=f"Name it '{source.family}.…', or give {family!r} its own entry point.",
            )
    return dict(sorted(checks.items()))


def registry(sources: Iterable[Source]) -> dict[str, Check]:
    """All checks of several modules, by name, in name order.

    Raises:
        AmbiguousCheck: two modules declare the same name.
    """
    found: dict[str, Check] = {}
    origins: dict[str, str] = {}
    for source in sources:
        for name, declared in checks_of(source).items():
            if name in found:
                raise AmbiguousCheck(
                    f"Check {name!r} is already declared by {origins[name]}.",
                    where=source.origin,
                    remedy="Give one of them another name.",
                )
            found[name], origins[name] = declared, source.origin
    return dict(sorted(found.items()))
