"""Reports as recorded: the file's bytes with all that their reading depends on, in one blob.

So a report can be read again without the file, the manifest or the signers' keys.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from assay.adapters.loaders.elsewhere.junit import read_junit
from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.adapters.loaders.elsewhere.sarif import read_sarif
from assay.adapters.loaders.elsewhere.test_result import read_test_result
from assay.adapters.loaders.files import UnreadableFile, read_written, resolve_path
from assay.checks.external import EXTERNAL
from assay.errors import Span, VerificationFailed
from assay.evidence.canonical import canonical, parse_object
from assay.evidence.measurement import DocumentContent
from assay.governance.manifest import ExternalFile, Manifest

FORM: Final = "assay.external/1"

REPORT_BYTES_MAX: Final = 32 << 20


class OversizedReport(MalformedReport):
    """A report is larger than any that is read."""

    code = "external.too-large"


class MalformedRecordedReport(VerificationFailed):
    """Bytes are not a report as it was recorded."""

    code = "external.malformed-record"


def load_reports(
    manifest: Manifest, *, folder: Path, roots: Iterable[Path] = ()
) -> dict[str, tuple[DocumentContent, bytes]]:
    """The reports that a manifest names under `evidence` and that exist, with their blobs.

    A report that is not there is absent from the result: its checks say so.

    Raises:
        ConfigurationError: a path leads outside, or a signer is not a public key.
        NotEvaluated: a report is not in its format, and where.
    """
    found: dict[str, tuple[DocumentContent, bytes]] = {}
    for name, item in manifest.evidence.items():
        where = manifest.locate(f"evidence.{name}.path")
        path = resolve_path(item.path, folder=folder, roots=roots, where=where)
        if not path.exists():
            continue
        signers = [
            _text(signer, manifest, f"evidence.{name}.signers.{place}", folder, roots)
            for place, signer in enumerate(item.signers)
        ]
        blob = _blob(item, _bytes(path, item.path, where), signers)
        found[f"{EXTERNAL}{name}"] = (parse_report(blob), blob)
    return found


def parse_report(blob: bytes) -> DocumentContent:
    """What a recorded report says.

    Raises:
        MalformedRecordedReport: the bytes are none.
        NotEvaluated: the report is not in its format, and where.
    """
    try:
        form = _form(blob)
        file, data = str(form["path"]), base64.b64decode(form["content"], validate=True)
        signers = [str(item) for item in form["signers"]]
        kind, threshold = str(form["format"]), int(form["threshold"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedRecordedReport(f"A recorded report is unreadable: {error}") from error
    said = _read(kind, data, file=file, signers=signers, threshold=threshold)
    return DocumentContent(path=file, digest=sha256(data).hexdigest(), content=said)


def _form(blob: bytes) -> Mapping[str, Any]:
    form = cast(Mapping[str, Any], parse_object(blob))
    if form["schema"] != FORM:
        raise ValueError(f"its form is not {FORM}")
    return form


def _read(
    kind: str, data: bytes, *, file: str, signers: list[str], threshold: int
) -> dict[str, Any]:
    if kind == "junit":
        said = read_junit(data, file=file)
    elif kind == "sarif":
        said = read_sarif(data, file=file)
    elif kind == "test-result":
        said = read_test_result(data, file=file, signers=signers, threshold=threshold)
    else:
        raise MalformedRecordedReport(f"A recorded report is {kind[:40]!r}, which is not known.")
    return {"format": kind, **said}


def _blob(item: ExternalFile, data: bytes, signers: list[str]) -> bytes:
    return canonical(
        {
            "schema": FORM,
            "path": item.path,
            "format": item.format,
            "signers": list(signers),
            "threshold": item.threshold,
            "content": base64.b64encode(data).decode("ascii"),
        }
    )


def _bytes(path: Path, file: str, where: Span) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(REPORT_BYTES_MAX + 1)
    except OSError as error:
        raise UnreadableFile(
            f"{file!r} cannot be read: {error.strerror}.",
            where=where,
            remedy="Name a file that you may read.",
        ) from error
    if len(data) > REPORT_BYTES_MAX:
        raise OversizedReport(
            f"The report has more than {REPORT_BYTES_MAX:,} bytes.",
            where=Span(file, 1, 1),
            remedy="Leave the passing tests' output out of it.",
        )
    return data


def _text(signer: str, manifest: Manifest, key: str, folder: Path, roots: Iterable[Path]) -> str:
    where = manifest.locate(key)
    path = resolve_path(signer, folder=folder, roots=roots, where=where)
    return read_written(path, file=signer, where=where).source.decode("utf-8", errors="replace")
