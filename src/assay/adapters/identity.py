"""Who is at the keyboard: asserted, as everything a laptop says about people is."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path


def local_identity(folder: Path) -> str:
    """The identity that git would sign a commit with in `folder`, or else the login name."""
    name, mail = _git_setting(folder, "user.name"), _git_setting(folder, "user.email")
    if name and mail:
        return f"{name} <{mail}>"
    return name or mail or getpass.getuser()


def _git_setting(folder: Path, name: str) -> str:
    command = ["git", "-C", str(folder), "config", "--get", name]
    try:
        answer = subprocess.run(  # noqa: S603 - fixed words, no shell
            command, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""  # without git there is no git identity
    return answer.stdout.strip() if answer.returncode == 0 else ""
