"""SARIF 2.1.0: how many results there are by level, those that are suppressed left out.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", errata 01,
sections 3.27.9 (kind), 3.27.10 (level), 3.27.23 (suppressions), 3.27.24 (baselineState).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.adapters.loaders.elsewhere.structure import items, mapping, read_json

LEVELS: Final = ("none", "note", "warning", "error")

_WHAT: Final = "SARIF 2.1.0 log"


def read_sarif(data: bytes, *, file: str) -> dict[str, Any]:
    """What a log says: results by level, and whether every run of its tools was completed.

    Raises:
        MalformedReport: it is not such a log, and where.
    """
    log = read_json(data, file=file, what=_WHAT)
    if log.get("version") != "2.1.0":
        raise MalformedReport(
            f"The log's version is {str(log.get('version'))[:40]!r}, not '2.1.0'.",
            where=f"{file}: version",
            remedy="Have the tool write SARIF 2.1.0.",
        )
    counts: dict[str, int] = dict.fromkeys(LEVELS, 0)
    suppressed, complete = 0, True
    for place, run in items(log, "runs", file=file, path=""):
        invocations = [
            item for _, item in items(run, "invocations", file=file, path=place, optional=True)
        ]
        complete &= all(item.get("executionSuccessful") is not False for item in invocations)
        rules = _rules(run, file=file, path=place)
        if "results" not in run:
            complete = False  # section 3.14.23: the run did not come to results
            continue
        for where, result in items(run, "results", file=file, path=place):
            level = _level(result, rules, file=file, path=where)
            if result.get("baselineState") == "absent":
                continue
            if _suppressed(result, file=file, path=where):
                suppressed += 1
            else:
                counts[level] += 1
    return {"levels": counts, "suppressed": suppressed, "complete": complete}


def _rules(run: Mapping[str, Any], *, file: str, path: str) -> list[Mapping[str, Any]]:
    """The rules of the run's own tool."""
    tool = mapping(run, "tool", file=file, path=path)
    driver = mapping(tool, "driver", file=file, path=f"{path}.tool")
    where = f"{path}.tool.driver"
    return [rule for _, rule in items(driver, "rules", file=file, path=where, optional=True)]


def _level(
    result: Mapping[str, Any], rules: list[Mapping[str, Any]], *, file: str, path: str
) -> str:
    """A result's level: its own, or its rule's, or "warning"; what is no failure has none."""
    if result.get("kind", "fail") != "fail":
        return "none"
    level: object = result.get("level") or _default(result, rules) or "warning"
    if level not in LEVELS:
        raise MalformedReport(
            f"A result's level is {str(level)[:40]!r}.",
            where=f"{file}: {path}.level",
            remedy=f"Levels are {', '.join(LEVELS)}.",
        )
    return str(level)


def _default(result: Mapping[str, Any], rules: list[Mapping[str, Any]]) -> Any:
    for rule in _named(result, rules):
        configuration = rule.get("defaultConfiguration")
        return configuration.get("level") if isinstance(configuration, Mapping) else None
    return None


def _named(
    result: Mapping[str, Any], rules: list[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """The rule that a result names, by index or by id."""
    index, rule = result.get("ruleIndex"), result.get("ruleId")
    if isinstance(index, int) and 0 <= index < len(rules):
        yield rules[index]
    yield from (item for item in rules if rule is not None and item.get("id") == rule)


def _suppressed(result: Mapping[str, Any], *, file: str, path: str) -> bool:
    """Whether a result is suppressed, and no suppression is rejected or under review."""
    found = [item for _, item in items(result, "suppressions", file=file, path=path, optional=True)]
    return bool(found) and all(item.get("status", "accepted") == "accepted" for item in found)
