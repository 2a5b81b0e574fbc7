"""What a policy extends: ready policies by name, files by path, each read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from importlib.resources import files
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final

from assay.adapters.loaders.files import read_written, resolve_path
from assay.adapters.loaders.shipped import PACKAGE, shipped
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span, suggest

EXTENDS: Final = "extends"
READY: Final = "policies"
"""The folder of ready policies in the package's data."""

DEPTH_MAX: Final = 8
"""Policies that build on one another, one above the other."""

_NAME: Final = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)?")


class UnknownReadyPolicy(ConfigurationError):
    """A ready policy was named that does not exist."""

    code = "policy.unknown-ready"


class PolicyCycle(ConfigurationError):
    """A policy builds on itself."""

    code = "policy.cycle"


class DeepPolicy(ConfigurationError):
    """Policies build on one another in too long a chain."""

    code = "policy.too-deep"


def ready_names() -> list[str]:
    """The names of the ready policies that are shipped, sorted."""
    home = files(PACKAGE).joinpath(READY)
    found: list[str] = []
    for entry in home.iterdir():
        inner = entry.iterdir() if entry.is_dir() else [entry]
        prefix = f"{entry.name}/" if entry.is_dir() else ""
        found += [f"{prefix}{item.name.removesuffix('.yaml')}" for item in inner]
    return sorted(found)


def read_ready(name: str, *, where: Span | None = None) -> Written:
    """A ready policy's text.

    Raises:
        UnknownReadyPolicy: there is none of that name.
    """
    if _NAME.fullmatch(name) and files(PACKAGE).joinpath(f"{READY}/{name}.yaml").is_file():
        return shipped(f"{READY}/{name}.yaml")
    known = ready_names()
    raise UnknownReadyPolicy(
        f"There is no ready policy {name!r}.",
        where=where,
        remedy=suggest(
            name,
            known,
            otherwise=f"Ready policies: {', '.join(known)}. A file's name ends in .yaml.",
        ),
    )


class PolicyReader:
    """Reads policy files with all that they extend.

    Args:
        folder: the folder of the manifest, in which files lie.
        roots: further folders in which they may lie, from the workspace's settings.
    """

    def __init__(self, folder: Path, *, roots: Iterable[Path] = ()) -> None:
        self._folder = folder
        self._roots = (folder, *roots)
        self._read: dict[str, Written] = {}

    def read(self, file: str, *, where: Span | None = None) -> Written:
        """A policy file, named by its path from the folder, with what it builds on.

        Raises:
            ConfigurationError: it, or a policy that it extends, cannot be read, builds on
                itself, or lies too deep.
        """
        return self._file(file, self._folder, (), where)

    def layered(self, named: Iterable[tuple[str, Span | None]]) -> Written:
        """Policy files of which each builds on the one before; the last, with all of them.

        Args:
            named: their paths from the folder and where each is named; at least one.

        Raises:
            ConfigurationError: as `read`.
        """
        texts = [self.read(file, where=where) for file, where in named]
        return reduce(lambda below, text: replace(text, beneath=(*text.beneath, below)), texts)

    def _file(self, file: str, folder: Path, chain: tuple[str, ...], where: Span | None) -> Written:
        """A file named in the text of another, whose folder it is relative to."""
        path = resolve_path(file, folder=folder, roots=self._roots, where=where)
        shown = self._shown(file, folder)
        key = str(path)
        _refuse_chain(key, shown, chain, where)
        if key not in self._read:
            written = read_written(path, file=shown, where=where)
            text = parse_yaml(written.source, file=shown)
            beneath = tuple(
                self._extended(name, path.parent, (*chain, key), text.locate(f"{EXTENDS}.{index}"))
                for index, name in enumerate(_names(text))
            )
            self._read[key] = Written(file=shown, source=written.source, beneath=beneath)
        return self._read[key]

    def _extended(self, name: str, folder: Path, chain: tuple[str, ...], where: Span) -> Written:
        if PurePosixPath(name).suffix in {".yaml", ".yml"}:
            return self._file(name, folder, chain, where)
        return read_ready(name, where=where)  # which extends nothing

    def _shown(self, file: str, folder: Path) -> str:
        """A file's name for people: its path from the manifest's folder where it lies below."""
        try:
            inner = folder.resolve().relative_to(self._folder.resolve())
        except ValueError:
            return file
        return normpath(str(PurePosixPath(inner.as_posix()) / file))


def layers_of(written: Written) -> list[Written]:
    """A policy's text after all that it builds on, each once, the most general first."""
    found: dict[str, Written] = {}
    _collect(written, found)
    return list(found.values())


def _collect(written: Written, found: dict[str, Written]) -> None:
    for beneath in written.beneath:
        if beneath.file not in found:
            _collect(beneath, found)
    found[written.file] = written


def _names(text: YamlText) -> list[str]:
    """The names under `extends`; what is no list of texts is the schema's to refuse."""
    names = text.value.get(EXTENDS)
    if not isinstance(names, list):
        return []
    return [name for name in names if isinstance(name, str)]


def _refuse_chain(key: str, shown: str, chain: tuple[str, ...], where: Span | None) -> None:
    if key in chain:
        raise PolicyCycle(
            f"{shown!r} extends itself, by way of {len(chain) - chain.index(key)} policies.",
            where=where,
            remedy="Take one of the names out of `extends`.",
        )
    if len(chain) >= DEPTH_MAX:
        raise DeepPolicy(
            f"{shown!r} lies more than {DEPTH_MAX} policies deep.",
            where=where,
            remedy="Extend it from fewer policies, one above the other.",
        )
