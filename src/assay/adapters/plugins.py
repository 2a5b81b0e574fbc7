"""Finding checks: by entry point, or in Python files that a manifest names.

A family's module is imported when one of its checks is first asked for, and not before. What
a module declares is then the whole family: nothing registers itself by being imported.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Final

from assay.checks.check import Check
from assay.checks.registry import AmbiguousCheck, MisplacedCheck, Source, checks_of
from assay.errors import ConfigurationError, Span, suggest
from assay.evidence.canonical import Json

GROUP: Final = "assay.checks"
"""The entry-point group: an entry's name is the family, its value the module to import."""


class UnknownCheck(ConfigurationError):
    """No check of that name exists here."""

    code = "check.unknown"


class BrokenChecks(ConfigurationError):
    """A module or a file with checks cannot be imported."""

    code = "check.broken"


class AmbiguousFamily(ConfigurationError):
    """Two installed packages claim the same family."""

    code = "check.family-twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFile:
    """A Python file that a manifest names under `checks`.

    Attributes:
        file: its path as written, for people and for the record.
        path: where it is.
        where: the place in the manifest that names it.
    """

    file: str
    path: Path
    where: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A check and where it comes from."""

    check: Check
    provenance: Mapping[str, Json]


class Catalogue:
    """The checks that exist here (the port `CheckCatalogue`)."""

    def __init__(self, entries: Iterable[EntryPoint], files: Sequence[CheckFile] = ()) -> None:
        self._entries: dict[str, list[EntryPoint]] = {}
        for entry in entries:
            self._entries.setdefault(entry.name, []).append(entry)
        self._files = tuple(files)
        self._families: dict[str, dict[str, Found]] = {}
        self._own: dict[str, Found] | None = None

    def get(self, name: str) -> Check:
        """A check by name; its family is imported now, and only now.

        Raises:
            UnknownCheck: there is no such check; the remedy names the nearest.
            ConfigurationError: its family is claimed twice, or its module is broken.
        """
        return self._find(name).check

    def provenance(self, name: str) -> Mapping[str, Json]:
        """What was installed, or which file was read, with the SHA-256 (hex) of the code."""
        return self._find(name).provenance

    def all(self) -> Mapping[str, Check]:
        """Every check, by name; imports every family.

        Raises:
            ConfigurationError: a family is claimed twice, or a module is broken.
        """
        found = dict(self._own_checks())
        for family in self._entries:
            found.update(self._family(family))
        return {name: item.check for name, item in sorted(found.items())}

    def _find(self, name: str) -> Found:
        found = self._family(name.partition(".")[0]).get(name) or self._own_checks().get(name)
        if found is None:
            raise UnknownCheck(
                f"There is no check {name!r}.",
                remedy=suggest(name, self._names(), otherwise="`assay check --list` has all."),
            )
        return found

    def _names(self) -> list[str]:
        """Every name that can be had; a broken family has none to suggest."""
        names = [*self._own_checks()]
        for family in self._entries:
            with contextlib.suppress(ConfigurationError):
                names += self._family(family)
        return names

    def _family(self, family: str) -> dict[str, Found]:
        if family not in self._families:
            entries = self._entries.get(family, [])
            if len(entries) > 1:
                packages = " and ".join(sorted(_distribution(entry)[0] for entry in entries))
                raise AmbiguousFamily(
                    f"The family {family!r} of checks is claimed by {packages}.",
                    remedy="Uninstall one of them.",
                )
            self._families[family] = _installed(entries[0]) if entries else {}
        return self._families[family]

    def _own_checks(self) -> dict[str, Found]:
        if self._own is None:
            own: dict[str, Found] = {}
            for file in self._files:
                for name, found in _from_file(file).items():
                    self._admit(name, file, own)
                    own[name] = found
            self._own = own
        return self._own

    def _admit(self, name: str, file: CheckFile, own: Mapping[str, Found]) -> None:
        family = name.partition(".")[0]
        if family in self._entries:
            package = _distribution(self._entries[family][0])[0]
            raise MisplacedCheck(
                f"Check {name!r} is in the family {family!r}, which is that of {package}.",
                where=file.file,
                remedy="Give your checks a family of their own, such as 'churn.…'.",
            )
        if name in own:
            raise AmbiguousCheck(
                f"Check {name!r} is already declared by {own[name].provenance['file']}.",
                where=file.file,
                remedy="Give one of them another name.",
            )


def find_checks(files: Sequence[CheckFile] = ()) -> Catalogue:
    """The checks of every installed package and of these files; nothing is imported yet."""
    return Catalogue(entry_points(group=GROUP), files)


def _installed(entry: EntryPoint) -> dict[str, Found]:
    distribution, version = _distribution(entry)
    origin = f"{distribution} ({entry.module})"
    try:
        module = importlib.import_module(entry.module)
    except (Exception, SystemExit) as error:  # foreign code may raise anything
        raise _broken(origin, error, where=_place(error)) from error
    checks = checks_of(Source(origin=origin, family=entry.name, namespace=vars(module)))
    return {
        name: Found(
            check=check,
            provenance={
                "distribution": distribution,
                "version": version,
                **_code(check),
            },
        )
        for name, check in checks.items()
    }


def _code(check: Check) -> dict[str, Json]:
    """The module that a check's function is in, its digest, and the check's revision."""
    module = sys.modules[check.function.__module__]
    source = Path(str(module.__file__)).read_bytes()
    return {"module": module.__name__, "sha256": _sha256(source), "revision": check.revision}


def _from_file(file: CheckFile) -> dict[str, Found]:
    try:
        source = file.path.read_bytes()
    except OSError as error:
        raise _broken(file.file, error, where=file.where) from error
    digest = _sha256(source)
    module = _execute(file, source, name=f"_assay_checks_{digest[:16]}")
    checks = checks_of(Source(origin=file.file, family=None, namespace=vars(module)))
    return {
        name: Found(
            check=check,
            provenance={"file": file.file, "sha256": digest, "revision": check.revision},
        )
        for name, check in checks.items()
    }


def _execute(file: CheckFile, source: bytes, *, name: str) -> ModuleType:
    """A module of exactly these bytes: what runs is what the digest is of, never a stale cache."""
    module = ModuleType(name)
    module.__file__ = str(file.path)
    sys.modules[name] = module
    try:
        code = compile(source, str(file.path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - running the user's check is the point
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _broken(file.file, error, where=_place(error, file) or file.where) from error
    return module


def _broken(origin: str, error: BaseException, *, where: Span | None) -> BrokenChecks:
    message = " ".join(str(error).split())
    return BrokenChecks(
        f"The checks of {origin} cannot be imported: {type(error).__name__}: {message}",
        where=where,
        remedy="Mend the code there, or install what it needs.",
    )


def _place(error: BaseException, file: CheckFile | None = None) -> Span | None:
    """Where the code failed: in the file, if one is given, else in the innermost module."""
    name = file.file if file else None
    if isinstance(error, SyntaxError) and error.filename:
        return Span(name or error.filename, error.lineno or 1, error.offset or 1)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if (frame.filename == str(file.path) if file else Path(frame.filename).is_file())
        and frame.filename != __file__
    ]
    if not frames:
        return None
    return Span(name or frames[-1].filename, frames[-1].lineno or 1, (frames[-1].colno or 0) + 1)


def _distribution(entry: EntryPoint) -> tuple[str, str]:
    """The name and version of what was installed."""
    return (entry.dist.name, entry.dist.version) if entry.dist else (entry.module, "")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
