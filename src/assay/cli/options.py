"""The options that commands share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assay.errors import ConfigurationError, InvalidArgument, suggest

Manifest = Annotated[
    Path, typer.Option("--manifest", "-m", help="The manifest; paths in it are relative to it.")
]
Actor = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who you are; default: git's identity.")
]
Format = Annotated[
    list[str] | None,
    typer.Option("--format", "-f", metavar="NAME[=FILE]", help="Repeatable; default: text."),
]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Version = Annotated[
    str | None,
    typer.Argument(metavar="VERSION", help="Name or digest; default: what the folder holds now."),
]

Role = Annotated[str, typer.Option("--role", help="The role in which you act.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in your own words.")]
Until = Annotated[
    str, typer.Option("--until", metavar="DAY", help="The end: a day in UTC, or an instant.")
]

At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="As it was at the end of that day, or then."),
]

MANIFEST = Path("assay.yaml")


class NoReason(ConfigurationError):
    """Something was asked for that needs a reason, without one."""

    code = "usage.no-reason"


class UnusableTime(ConfigurationError):
    """A day or an instant was written that is neither."""

    code = "usage.unusable-time"


AsOf = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="As of a day (its end, in UTC) or an instant: judges what was recorded by then, and "
        "records nothing.",
    ),
]


def end_of(text: str) -> datetime:
    """The instant at which something ends, by a day (to its end) or an instant.

    Raises:
        UnusableTime: the text is neither.
    """
    from assay.policy.periods import parse_end

    try:
        return parse_end(text)
    except InvalidArgument as error:
        raise UnusableTime(error.what, remedy="Write a day in UTC such as 2026-12-31.") from error


class UnknownFormat(ConfigurationError):
    """A report was asked for in a format that the command does not have."""

    code = "usage.unknown-format"


def formats(
    wanted: list[str] | None, json: bool, known: Collection[str] = ("text", "json")
) -> list[str]:
    """The formats asked for, each NAME or NAME=FILE; `--json` is short for one of them.

    Raises:
        UnknownFormat: the command has no such format. Ask before anything is recorded.
    """
    asked = [*(wanted or []), *(["json"] if json else [])]
    for name in (item.partition("=")[0] for item in asked):
        if name not in known:
            raise UnknownFormat(
                f"There is no format {name!r} here.",
                remedy=suggest(name, known, otherwise=f"Known: {', '.join(known)}."),
            )
    return asked
