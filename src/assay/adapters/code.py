"""Which code a version was made with: a git commit, and what differs from it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from assay.adapters.digests import MissingFile, component, file_digest, oms_root
from assay.errors import NotEvaluated
from assay.evidence.canonical import Json, canonical_digest

WITHOUT_GIT_IGNORED: Final = frozenset({".assay", ".venv", "__pycache__"})
"""What the digest of a folder without git leaves out: products of running it, not code."""

# A repository's own settings must neither change the answer nor run a program.
_GIT: Final = ("git", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false")
_CHANGED: Final = (
    *("diff", "HEAD", "--name-only", "-z", "--relative", "--no-renames"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=none"),
)
_UNTRACKED: Final = ("ls-files", "--others", "--exclude-standard", "-z")


class GitFailed(NotEvaluated):
    """git could not say what the working tree holds."""

    code = "code.git-failed"


def code_state(path: Path) -> dict[str, Json]:
    """The pin of a version's code.

    In a git work tree {"git": commit, "dirty": bool}, and for a dirty one {"changes": hex}: a
    digest over the content of every file, at or below `path`, that differs from the commit or
    that git neither tracks nor ignores. Without git, or before the first commit, the pin of
    the file, or of the folder without WITHOUT_GIT_IGNORED.

    Raises:
        NotEvaluated: the code cannot be read, or changes meanwhile.
    """
    if not path.exists():
        raise MissingFile(
            "The code does not exist.",
            where=str(path),
            remedy="Check the path; it is relative to the manifest's folder.",
        )
    folder = path if path.is_dir() else path.parent
    commit = _commit(folder)
    if commit is not None:
        changes = _changes(folder, path)
        pin: dict[str, Json] = {"git": commit, "dirty": bool(changes)}
        return {**pin, "changes": canonical_digest(changes)} if changes else pin
    if path.is_dir():
        return {"oms": oms_root(path, ignored=WITHOUT_GIT_IGNORED)}
    return component(path)


def describe(folder: Path) -> str | None:
    """What `git describe` calls the working tree; None without git or a tag."""
    if shutil.which("git") is None:
        return None
    done = _git(folder, ("describe", "--tags", "--dirty"))
    return done.stdout.decode("utf-8", "replace").strip() or None


def repository_prefix(folder: Path) -> str:
    """A folder's path from its repository's top, "" at the top itself or without git."""
    if shutil.which("git") is None:
        return ""
    done = _git(folder, ("rev-parse", "--show-prefix"))
    return os.fsdecode(done.stdout).strip("\n")


def _commit(folder: Path) -> str | None:
    if shutil.which("git") is None:
        return None
    found = _git(folder, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    if found.returncode == 1 or b"not a git repository" in found.stderr:
        return None  # no commit yet, or no repository
    return _output(found, folder).decode("ascii").strip()


def _changes(folder: Path, path: Path) -> dict[str, Json]:
    """The state of each path that is not as committed, relative to the folder of code."""
    only = ["--", str(path.resolve())]
    listed = _run(folder, [*_CHANGED, *only]) + _run(folder, [*_UNTRACKED, *only])
    names = sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})
    # A name that is not UTF-8 has no place in JSON, but its escaped form does.
    return {
        os.fsencode(name).decode("utf-8", "backslashreplace"): _state(folder / name)
        for name in names
    }


def _state(path: Path) -> Json:
    if path.is_symlink():
        return {"link": str(path.readlink())}
    if not path.exists():
        return None  # deleted
    if path.is_dir():
        return code_state(path)  # a submodule, or another repository within this one
    return {"sha256": file_digest(path), "executable": os.access(path, os.X_OK)}


def _run(folder: Path, arguments: Sequence[str]) -> bytes:
    return _output(_git(folder, arguments), folder)


def _output(done: subprocess.CompletedProcess[bytes], folder: Path) -> bytes:
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitFailed(
            f"git cannot tell what the working tree holds: {reason or 'it gives no reason'}.",
            where=str(folder),
            remedy="Run `git status` there, and repair what it reports.",
        )
    return done.stdout


def _git(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    # Variables such as GIT_DIR, which a hook sets, would point git at another repository.
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    return subprocess.run(  # noqa: S603 - fixed words and a path, no shell
        [*_GIT, *arguments],
        cwd=folder,
        env={**environment, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
