"""Documents that a version comes with: YAML, or Markdown with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from assay.adapters.loaders.files import MissingFile, read_written, resolve_path
from assay.adapters.loaders.text import decode
from assay.adapters.loaders.yaml import parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span
from assay.evidence.canonical import digest
from assay.evidence.measurement import DocumentContent
from assay.governance.manifest import Manifest

MONITORING: Final = "monitoring"
"""The name under which checks ask for the plan that the manifest's `monitoring` names."""

_HEADING: Final = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_FENCE: Final = re.compile(r"[ ]{0,3}(?:```|~~~)")
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)


class UnknownDocumentFormat(ConfigurationError):
    """A document is neither YAML nor Markdown."""

    code = "document.format"


class UnclosedFrontMatter(ConfigurationError):
    """The front matter of a Markdown document does not end."""

    code = "document.front-matter"


class DuplicateSection(ConfigurationError):
    """A Markdown document has a section twice, or one that its front matter has too."""

    code = "document.duplicate-section"


def load_documents(
    manifest: Manifest, *, folder: Path, roots: Iterable[Path] = ()
) -> dict[str, tuple[DocumentContent, bytes]]:
    """The documents that a manifest names and that exist, by name, with their bytes.

    A document that is not there is absent from the result: its check says so. The monitoring
    plan has the name MONITORING.

    Args:
        manifest: the manifest.
        folder: its folder.
        roots: further folders in which documents may lie.

    Raises:
        ConfigurationError: one is there and cannot be read, with the place.
    """
    named = {name: (f"documents.{name}", file) for name, file in manifest.documents.items()}
    if manifest.monitoring is not None:
        named[MONITORING] = (MONITORING, manifest.monitoring)
    found: dict[str, tuple[DocumentContent, bytes]] = {}
    for name, (key, file) in named.items():
        where = manifest.locate(key)
        path = resolve_path(file, folder=folder, roots=roots, where=where)
        try:
            written = read_written(path, file=file, where=where)
        except MissingFile:
            continue
        found[name] = (parse_document(written), written.source)
    return found


def parse_document(written: Written) -> DocumentContent:
    """A document as its mapping, with the SHA-256 of its bytes.

    In Markdown the keys are those of the front matter and the second-level headings, in lower
    case with underscores ("Intended use" is intended_use); a section is the list of its
    paragraphs, without headings and comments.

    Raises:
        ConfigurationError: it is malformed, and where; or in a format that is not read.
    """
    suffix = PurePosixPath(written.file).suffix.lower()
    if suffix in {".yaml", ".yml"}:
        content: dict[str, Any] = dict(parse_yaml(written.source, file=written.file).value)
    elif suffix in {".md", ".markdown"}:
        content = _markdown(written)
    else:
        raise UnknownDocumentFormat(
            f"{written.file!r} is neither YAML nor Markdown.",
            where=written.file,
            remedy="Write it as .yaml or .md.",
        )
    return DocumentContent(path=written.file, digest=digest(written.source), content=content)


def _markdown(written: Written) -> dict[str, Any]:
    text = decode(written.source, file=written.file)
    lines = text.splitlines()
    end = _front_matter_end(lines, written.file)
    content: dict[str, Any] = {}
    if any(line.strip() for line in lines[1:end]):
        # An empty first line keeps the places of what follows it.
        front = "\n".join(["", *lines[1:end]])
        content.update(parse_yaml(front.encode(), file=written.file).value)
    for key, line, body in _sections(lines, end):
        if key in content:
            raise DuplicateSection(
                f"The section {key!r} stands here again.",
                where=Span(written.file, line, 1),
                remedy="Keep one of them.",
            )
        content[key] = body
    return content


def _front_matter_end(lines: list[str], file: str) -> int:
    """The index of the line that ends the front matter; 0 where there is none."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return index
    raise UnclosedFrontMatter(
        "The front matter that starts here does not end.",
        where=Span(file, 1, 1),
        remedy="Close it with a line of ---.",
    )


def _sections(lines: list[str], end: int) -> Iterator[tuple[str, int, list[str]]]:
    """Each second-level section: its key, the line of its heading, and its paragraphs."""
    key, start, body = "", 0, list[str]()
    for number, line, level, title in _headings(lines, end):
        if level in {1, 2}:
            if key:
                yield key, start, _paragraphs(body)
            key = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") if level == 2 else ""
            start, body = number, []
        elif level == 0:
            body.append(line)
        else:
            body.append("")
    if key:
        yield key, start, _paragraphs(body)


def _headings(lines: list[str], end: int) -> Iterator[tuple[int, str, int, str]]:
    """Each line after the front matter: its number, text, level (0 for text) and title."""
    fenced = False
    for number, line in enumerate(lines[end + 1 if end else 0 :], start=end + 2 if end else 1):
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.fullmatch(line)
        yield number, line, len(heading[1]) if heading else 0, heading[2] if heading else ""


def _paragraphs(lines: list[str]) -> list[str]:
    text = _COMMENT.sub("", "\n".join(lines))
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
