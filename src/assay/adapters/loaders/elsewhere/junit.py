"""JUnit XML: how many tests ran, and which did not pass.

Source: the form that Ant's and Maven's reports share. There is no one schema, so only what all
tools write is read: `testcase` elements, and in them `failure`, `error` and `skipped`.
Document types and entities are refused before any is expanded.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn
from xml.parsers import expat

from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.errors import Span

DEPTH_MAX: Final = 64
CASES_MAX: Final = 1_000_000
NAMED_MAX: Final = 5
"""Tests that did not pass, told by name."""

NAME_LENGTH_MAX: Final = 200

_ROOTS: Final = frozenset({"testsuites", "testsuite"})
_OUTCOMES: Final = frozenset({"failure", "error", "skipped"})


def read_junit(data: bytes, *, file: str) -> dict[str, Any]:
    """What a report says: how many tests it lists, skipped, failed and broke, and some names.

    A test with both a failure and an error broke; a suite's own totals are not believed.

    Raises:
        MalformedReport: it is not such a report, and where.
    """
    return _Reader(file).read(data)


class _Reader:
    """Counts test cases as elements begin and end."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._path: list[str] = []
        self._case = ""
        self._outcomes: set[str] = set()
        keys = ("listed", "skipped", "failed", "broken")
        self._counts: dict[str, int] = dict.fromkeys(keys, 0)
        self._named: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.ExternalEntityRefHandler = self._refuse_doctype

    def read(self, data: bytes) -> dict[str, Any]:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise MalformedReport(
                f"The report is not XML: {expat.ErrorString(error.code)}.",
                where=Span(self._file, error.lineno, error.offset + 1),
                remedy="Have the tests write their report again.",
            ) from error
        return {**self._counts, "named": self._named}

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._path and name not in _ROOTS:
            self._refuse(f"The report begins with <{name[:100]}>, not with <testsuites>.")
        self._path.append(name)
        if len(self._path) > DEPTH_MAX or self._counts["listed"] >= CASES_MAX:
            self._refuse(f"The report nests deeper than {DEPTH_MAX} or has {CASES_MAX:,} tests.")
        if name == "testcase":
            if "testcase" in self._path[:-1]:
                self._refuse("A test case stands inside another.")
            self._case = ".".join(
                part for key in ("classname", "name") if (part := attributes.get(key, ""))
            )
            self._outcomes = set()
        elif name in _OUTCOMES and self._path[-2:-1] == ["testcase"]:
            self._outcomes.add(name)

    def _end(self, name: str) -> None:
        self._path.pop()
        if name != "testcase":
            return
        self._counts["listed"] += 1
        for outcome, key in (("error", "broken"), ("failure", "failed"), ("skipped", "skipped")):
            if outcome in self._outcomes:
                self._counts[key] += 1
                if key != "skipped" and len(self._named) < NAMED_MAX:
                    self._named.append(self._case[:NAME_LENGTH_MAX])
                return

    def _refuse_doctype(self, *_: object) -> NoReturn:
        self._refuse("The report declares a document type or an entity, which is never read.")

    def _refuse(self, what: str) -> NoReturn:
        raise MalformedReport(
            what,
            where=Span(
                self._file, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
            ),
            remedy="Name a JUnit report as test runners write it.",
        )
