"""The gate's report in every format that it is written in, for people and for CI systems."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import assay

if TYPE_CHECKING:
    from assay.documents.gate import GateReport


def emit_gate_report(report: GateReport, wanted: Sequence[str], *, folder: Path) -> None:
    """Write a gate's report in the wanted formats.

    Args:
        report: the report.
        wanted: formats from GATE_FORMATS, each NAME or NAME=FILE.
        folder: the manifest's folder, from which the policy's path counts.
    """
    from assay.cli.output import emit

    emit(wanted, {name: partial(render, report, folder) for name, render in _RENDERERS.items()})


def _text(report: GateReport, _: Path) -> str:
    from assay.cli.output import columns, paint
    from assay.documents.gate_text import render_text

    return render_text(report, style=paint(sys.stdout), width=columns())


def _json(report: GateReport, _: Path) -> str:
    from assay.documents.gate_json import render_json

    return render_json(report)


def _markdown(report: GateReport, _: Path) -> str:
    from assay.documents.gate_markdown import render_markdown

    return render_markdown(report)


def _html(report: GateReport, _: Path) -> str:
    from assay.documents.gate_html import render_html

    return render_html(report)


def _sarif(report: GateReport, folder: Path) -> str:
    from assay.documents.gate_sarif import render_sarif

    return render_sarif(report, tool_version=assay.__version__, folder=_in_repository(folder))


def _junit(report: GateReport, folder: Path) -> str:
    from assay.documents.gate_junit import render_junit

    return render_junit(report, folder=_in_repository(folder))


def _tap(report: GateReport, _: Path) -> str:
    from assay.documents.gate_tap import render_tap

    return render_tap(report)


def _github(report: GateReport, folder: Path) -> str:
    from assay.documents.gate_github import render_github

    return render_github(report, folder=_in_repository(folder))


def _gitlab(report: GateReport, folder: Path) -> str:
    from assay.documents.gate_gitlab import render_gitlab

    return render_gitlab(report, folder=_in_repository(folder))


def _in_repository(folder: Path) -> str:
    from assay import bootstrap

    return bootstrap.repository_prefix(folder)


_RENDERERS: Final[Mapping[str, Callable[[GateReport, Path], str]]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
    "sarif": _sarif,
    "junit": _junit,
    "tap": _tap,
    "github": _github,
    "gitlab": _gitlab,
}

GATE_FORMATS: Final = tuple(_RENDERERS)

GateFormat = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME[=FILE]",
        help=f"{', '.join(GATE_FORMATS)}. Repeatable; default: text.",
    ),
]
