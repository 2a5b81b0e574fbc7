"""Files that a manifest names: paths that stay inside its folder, bytes within a bound."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from assay.adapters.loaders.text import BYTES_MAX
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span

PATH_LENGTH_MAX: Final = 1024


class MalformedPath(ConfigurationError):
    """A path is not a relative POSIX path."""

    code = "path.malformed"


class PathOutside(ConfigurationError):
    """A path leaves the manifest's folder and every root that the settings allow."""

    code = "path.outside"


class MissingFile(ConfigurationError):
    """A file that a person named is not there."""

    code = "file.missing"


class UnreadableFile(ConfigurationError):
    """A file that a person named is there and cannot be read."""

    code = "file.unreadable"


def resolve_path(
    text: str, *, folder: Path, roots: Iterable[Path] = (), where: Span | None = None
) -> Path:
    """The real path that a written one means, symbolic links followed.

    Args:
        text: as written: a POSIX path relative to `folder`, or an absolute one below a root.
        folder: the manifest's folder.
        roots: further folders that the workspace's settings allow.
        where: the place of the text, for the error.

    Raises:
        MalformedPath: empty, too long, with a backslash, a leading `~` or a control character.
        PathOutside: it leads out of the folder and of every root.
    """
    if not text or len(text) > PATH_LENGTH_MAX or not text.isprintable():
        raise MalformedPath(
            f"A path of {len(text)} characters, or with control characters, is none.",
            where=where,
            remedy="Write a relative path, such as data/holdout.parquet.",
        )
    if "\\" in text or text.startswith("~"):
        raise MalformedPath(
            f"{text!r} is not a relative POSIX path.",
            where=where,
            remedy="Write it with forward slashes, relative to the manifest's folder.",
        )
    allowed = [root.resolve() for root in (folder, *roots)]
    try:
        target = (folder / text).resolve()
    except (OSError, RuntimeError) as error:  # a loop of symbolic links
        raise PathOutside(
            f"{text!r} leads nowhere: {error}.", where=where, remedy="Mend its symbolic links."
        ) from error
    if not any(target.is_relative_to(root) for root in allowed):
        raise PathOutside(
            f"{text!r} leads out of the manifest's folder.",
            where=where,
            remedy="Keep the file in the repository, or allow its folder in the workspace's "
            "settings.",
        )
    return target


def read_written(path: Path, *, file: str, where: Span | None = None) -> Written:
    """A text that a person wrote, of at most one byte more than a parser accepts.

    Args:
        path: the file.
        file: its name as shown to people.
        where: the place that names it, for the error.

    Raises:
        MissingFile: it is not there.
        UnreadableFile: it is a folder, or may not be read.
    """
    try:
        with path.open("rb") as stream:
            return Written(file=file, source=stream.read(BYTES_MAX + 1))
    except FileNotFoundError as error:
        raise MissingFile(
            f"There is no file {file!r}.",
            where=where or file,
            remedy="Check the path; it is relative to the manifest's folder.",
        ) from error
    except OSError as error:
        raise UnreadableFile(
            f"{file!r} cannot be read: {error.strerror}.",
            where=where or file,
            remedy="Name a text file that you may read.",
        ) from error
