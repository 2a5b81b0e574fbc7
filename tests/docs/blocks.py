"""The fenced blocks of a Markdown text, with the conventions that make them run.

- `console`: each line that begins with `$ ` is a command (`> ` continues it), and the lines
  below are what it prints. Where none are shown the output is not compared; `...` stands for
  anything. A command ends well unless a comment says otherwise: `$ assay gate  # exit 1`.
- A block whose first line is a comment with a path, such as `# checks/churn.py`, is that file.
- Any other `python` block is run.
- `sh` holds `make` targets of this repository, which are not run here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The checkout."""

_FENCE: Final = re.compile(r"(`{3,})([\w+-]*)[^`]*")
_PATH: Final = re.compile(r"(?:#|<!--) ([\w.-]+(?:/[\w.-]+)*\.\w+)(?: -->)?")
_EXIT: Final = re.compile(r"(.*?)\s+# exit (\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its language, its text, and the line at which it opens."""

    document: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for a failed test."""
        return f"{self.document.name}:{self.line}"

    @property
    def file(self) -> str | None:
        """The path that its first line names, if it is a file."""
        named = _PATH.fullmatch(self.text.partition("\n")[0].rstrip())
        return named[1] if named else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A shell command, the exit code that it must end with, and what it prints ("" if any)."""

    text: str
    code: int
    output: str


def blocks(document: Path) -> list[Block]:
    """The blocks of a document, in order."""
    found: list[Block] = []
    opened: tuple[int, str, str] | None = None
    content: list[str] = []
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.fullmatch(line.rstrip())
        if opened is None:
            if fence:
                opened, content = (number, fence[1], fence[2]), []
        elif line.rstrip() == opened[1]:
            text = "\n".join((*content, ""))
            found.append(Block(document=document, line=opened[0], language=opened[2], text=text))
            opened = None
        else:
            content.append(line)
    if opened is not None:
        raise ValueError(f"{document.name}:{opened[0]}: the fence is not closed")
    return found


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block, each with its output."""
    spelled: list[str] = []
    output: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if spelled:
                yield _command(spelled, output)
            spelled, output = [line[2:]], []
        elif line.startswith("> ") and spelled and not output:
            spelled.append(line[2:])
        elif spelled:
            output.append(line)
        else:
            raise ValueError(f"{block.place}: output stands before the first command")
    if not spelled:
        raise ValueError(f"{block.place}: a console block without a command")
    yield _command(spelled, output)


def _command(spelled: list[str], output: list[str]) -> Command:
    text = "\n".join(spelled)
    told = _EXIT.fullmatch(text)
    return Command(
        text=told[1] if told else text,
        code=int(told[2]) if told else 0,
        output="\n".join(output).rstrip(),
    )
