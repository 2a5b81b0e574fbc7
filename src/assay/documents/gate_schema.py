"""The JSON Schema of `assay.gate/1`, what `assay gate --json` prints.

Fields may be added within version 1; none is removed or changes its meaning.
"""

from __future__ import annotations

from typing import Any, Final

from assay.documents.gate_json import SCHEMA
from assay.policy.gate import Verdict
from assay.policy.objections import Objection
from assay.policy.policy import Direction, Mode, Outcome
from assay.stats.tallies import AGAINST

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_ERROR: Final = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}
_DIGEST: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_OUTCOME: Final = {"enum": [item.value for item in Outcome]}


def gate_schema() -> dict[str, Any]:
    """The schema, JSON Schema 2020-12."""
    report = {
        "schema": {"const": SCHEMA},
        "decision": _OUTCOME | {"description": "What the requirements and the people say."},
        "effective": _OUTCOME | {"description": "What the release does, by the policy's mode."},
        "demonstrated": {
            "type": "boolean",
            "description": "Whether every requirement that applies is shown to be met.",
        },
        "headline": _TEXT,
        "system": _TEXT,
        "version": _object({"name": _TEXT, "digest": _DIGEST}),
        "tier": _object({"value": _TEXT, "source": _TEXT}),
        "policy": _object(
            {
                "name": _TEXT,
                "digest": _DIGEST,
                "file": _TEXT,
                "mode": {"enum": [item.value for item in Mode]},
            }
        ),
        "errors": _object(
            {
                "false_allow": _ERROR,
                "holm": _ERROR | {"description": "At which violations were last judged."},
                "statistical_requirements": _COUNT,
            }
        ),
        "requirements": {"type": "array", "items": _requirement()},
        "approvals": {"type": "array", "items": _object({"role": _TEXT, "person": _TEXT})},
        "awaiting": {"type": "array", "items": _TEXT},
        "objections": {
            "type": "array",
            "items": _object(
                {
                    "kind": {"enum": [item.value for item in Objection]},
                    "reference": _TEXT,
                    "person": _TEXT,
                    "effect": {"enum": [item.value for item in Outcome]},
                    "text": _TEXT,
                }
            ),
        },
        "separation_of_duties_verified": {"type": "boolean"},
        "data": _object(
            {
                "digest": _DIGEST,
                "scores": {"enum": ["supplied", "computed", "computed, network open"]},
                "rows_read": _COUNT,
                "rows_used": _COUNT,
                "excluded": {"type": "object", "additionalProperties": _COUNT},
                "versions_judged": _COUNT,
            }
        ),
        "cautions": {"type": "array", "items": _TEXT},
        "decided_at": {"type": "string", "format": "date-time"},
        "basis": _DIGEST | {"description": "What approvals are of."},
        "log": _object(
            {"origin": _TEXT, "index": _COUNT, "checkpoint_size": _COUNT, "statement": _DIGEST}
        ),
    }
    schema = _object(report)
    schema["properties"]["as_of"] = {
        "const": True,
        "description": "There only where it tells what would be decided at another instant: "
        "nothing was recorded.",
    }
    schema["properties"]["data"]["properties"]["compared"] = {
        "type": "array",
        "description": "There only where another version scored the same rows.",
        "items": _object(
            {
                "against": {"enum": list(AGAINST)},
                "column": _TEXT,
                "version": _or_null(_TEXT),
                "rows_paired": _COUNT,
                "rows_of_this_version_only": _COUNT,
                "rows_of_the_other_only": _COUNT,
            }
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:assay:schema:gate:1",
        "title": "A decision of Assay's gate",
        **schema,
    }


def _requirement() -> dict[str, Any]:
    between = _object({"low": _NUMBER, "high": _NUMBER})
    bar = _object(
        {
            "direction": {"enum": [item.value for item in Direction]},
            "threshold": {"anyOf": [_NUMBER, between]},
        }
    )
    fact = _object({"fact": {"type": ["boolean", "number"]}, "detail": _TEXT})
    requirement = _object(
        {
            "id": _TEXT,
            "check": _TEXT,
            "with": {"type": "object"},
            "verdict": {"enum": [item.value for item in Verdict]},
            "effect": _OUTCOME,
            "bar": _or_null(bar),
            "measurement": {"anyOf": [_estimate(), fact, {"type": "null"}]},
            "reason": _TEXT,
            "remedy": _TEXT,
            "units_lacking": _or_null(_COUNT),
            "owner": _or_null(_TEXT),
            "place": _or_null(_TEXT),
        }
    )
    requirement["properties"]["waived"] = _waived()
    requirement["properties"]["satisfies"] = {
        "type": "array",
        "items": _TEXT,
        "description": "The provisions that it serves; there only where it names any.",
    }
    return requirement


def _waived() -> dict[str, Any]:
    """What a waiver excuses; there only where the verdict is `waived`."""
    return _object(
        {
            "verdict": {"enum": [item.value for item in Verdict]},
            "waiver": _TEXT,
            "granted_by": _TEXT,
            "role": _TEXT,
            "until": {"type": "string", "format": "date-time"},
            "compensating": _TEXT,
            "index": _COUNT,
        }
    )


def _estimate() -> dict[str, Any]:
    pair = _or_null({"type": "array", "items": _TEXT})
    group = _object(
        {
            "group": _TEXT,
            "n": _NUMBER,
            "value": _or_null(_NUMBER),
            "low": _or_null(_NUMBER),
            "high": _or_null(_NUMBER),
            "note": _TEXT,
        }
    )
    return _object(
        {
            "value": _NUMBER,
            "low": _or_null(_NUMBER),
            "high": _or_null(_NUMBER),
            "low_error": _ERROR,
            "high_error": _ERROR,
            "n": _NUMBER,
            "method": _TEXT,
            "low_from": pair,
            "high_from": pair,
            "groups": {"type": "array", "items": group},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
