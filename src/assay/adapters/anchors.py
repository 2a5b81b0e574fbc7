"""Places outside a workspace that keep checkpoints: a file, and the notes of a git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from assay.adapters.files import write_whole
from assay.errors import EnvironmentUnavailable
from assay.tlog.note import NOTE_BYTES_MAX

NOTES: Final = "refs/notes/assay/"
"""Below it each log has a ref of its own, so that workspaces of one repository do not mix."""

_MODE: Final = 0o644


class AnchorUnreachable(EnvironmentUnavailable):
    """The place that keeps checkpoints cannot be read or written."""

    code = "anchor.unreachable"


class FileAnchor:
    """A file with the latest checkpoint.

    Args:
        path: the file; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self) -> Iterator[bytes]:
        """The note in the file, if there is one."""
        try:
            with self._path.open("rb") as file:
                yield file.read(NOTE_BYTES_MAX + 1)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unreachable(error) from error

    def keep(self, note: bytes) -> None:
        """Put the note in place of the one before, durable when it returns."""
        try:
            write_whole(self._path, note, replace=True, mode=_MODE)
        except OSError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: OSError) -> AnchorUnreachable:
        return AnchorUnreachable(
            f"The file cannot be read or written: {error.strerror}.",
            where=str(self._path),
            remedy="Name a file in a folder that exists and that you may write to.",
        )


class GitNotesAnchor:
    """Notes on the commits of a repository, one for each commit that was checked out.

    Args:
        folder: within the repository.
        origin: the log's name.
    """

    def __init__(self, folder: Path, *, origin: str) -> None:
        self._folder = folder
        self.ref = NOTES + origin

    def kept(self) -> Iterator[bytes]:
        """The note on each commit, as this clone has them."""
        for line in self._git("notes", f"--ref={self.ref}", "list").split(b"\n"):
            if line:
                yield self._git("cat-file", "blob", line.split()[0].decode("ascii"))

    def keep(self, note: bytes) -> None:
        """Put the note on the commit that is checked out, in place of one that is there."""
        # By way of an object, since git would tidy up a text that it is given.
        blob = self._git("hash-object", "-w", "--stdin", content=note).decode("ascii").strip()
        self._git("notes", f"--ref={self.ref}", "add", "-f", "-C", blob, "HEAD")

    def _git(self, *arguments: str, content: bytes = b"") -> bytes:
        git = shutil.which("git")
        if git is None:
            raise AnchorUnreachable("git is not installed.", remedy="Install it, or name a file.")
        # Variables such as GIT_DIR, which a hook sets, would point git at another repository.
        pointing = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}
        environment = {name: value for name, value in os.environ.items() if name not in pointing}
        done = subprocess.run(  # noqa: S603 - fixed words and a ref, no shell
            [git, *arguments],
            cwd=self._folder,
            env={**environment, "LC_ALL": "C"},
            input=content,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            reason = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise AnchorUnreachable(
                f"git cannot keep the checkpoint: {reason or 'it gives no reason'}.",
                where=str(self._folder),
                remedy="Run it in a repository with a commit, or name a file.",
            )
        return done.stdout
