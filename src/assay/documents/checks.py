"""The checks that exist, as a list."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any, Final

from assay.checks.check import Check

SCHEMA: Final = "assay.checks/1"


def render_checks(checks: Mapping[str, Check]) -> str:
    """One line a check: its name, which direction is good, what it says."""
    width = max(len(name) for name in checks)
    return "".join(
        f"{name.ljust(width)}  {_direction(check)}  {check.summary}\n"
        for name, check in sorted(checks.items())
    )


def checks_json(checks: Mapping[str, Check]) -> str:
    """Every check with its parameters and documentation, schema `assay.checks/1`."""
    listed: list[dict[str, Any]] = [
        {
            "name": check.name,
            "summary": check.summary,
            "better": check.better,
            "statistical": check.statistical,
            "unit": check.unit,
            "revision": check.revision,
            "parameters": {
                item.name: _parameter_default(item.default) for item in check.parameters.values()
            },
            "documentation": check.documentation,
        }
        for _, check in sorted(checks.items())
    ]
    return json.dumps({"schema": SCHEMA, "checks": listed}, indent=2, ensure_ascii=False) + "\n"


def _direction(check: Check) -> str:
    words = {"higher": "at_least", "lower": "at_most ", "true": "requires"}
    return words[check.better]


def _parameter_default(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return {"required": True}
    plain = default if isinstance(default, bool | int | float | str) else None
    return {"default": list(default) if isinstance(default, tuple) else plain}
