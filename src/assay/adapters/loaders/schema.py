"""JSON Schemas (2020-12) of what people write, for editors and for other programs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from assay.adapters.loaders.bars import unreachable_end, usable_directions
from assay.adapters.loaders.manifest_schema import ManifestSchema
from assay.adapters.loaders.policy_schema import PolicySchema
from assay.checks.check import Check, Parameter
from assay.checks.ranges import RANGES
from assay.policy.policy import Direction

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def manifest_schema() -> Schema:
    """The schema of `assay.yaml`."""
    return _document(ManifestSchema, "manifest", "The manifest of an AI system (assay.yaml)")


def policy_schema(checks: Mapping[str, Check]) -> Schema:
    """The schema of a policy that may name these checks, each with its own parameters and bar."""
    schema = _document(PolicySchema, "policy", "A policy for AI systems")
    requirement = schema["$defs"]["Requirement"]
    requirement["properties"]["check"] = {
        "description": requirement["properties"]["check"]["description"],
        "oneOf": [{"const": name, "description": _about(check)} for name, check in checks.items()],
    }
    shown_by: list[Schema] = [
        {"required": ["check"]},
        {"required": ["expression"]},
        {"required": ["attest", "by"]},
    ]
    # On top of another policy, a requirement may leave to that one what shows it.
    requirement["oneOf"] = [*shown_by, {"not": {"anyOf": shown_by}}]
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {
        "properties": {
            "requirements": {"minProperties": 1, "patternProperties": {"": {"oneOf": shown_by}}}
        },
        "required": ["requirements"],
    }
    requirement["allOf"] = [
        {
            "if": {"properties": {"check": {"const": name}}, "required": ["check"]},
            "then": _rule(check),
        }
        for name, check in checks.items()
    ]
    return schema


def _document(model: type[BaseModel], name: str, title: str) -> Schema:
    schema: Schema = _tidy(model.model_json_schema())
    schema["$defs"] = {key.removesuffix("Schema"): value for key, value in schema["$defs"].items()}
    return {
        "$schema": DIALECT,
        "$id": f"urn:assay:schema:{name}:1",
        **schema,
        "title": title,
    }


def _tidy(node: Any) -> Any:
    """Without what pydantic adds: titles that repeat the key, null where a key may be absent."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidied: Schema = {
        key: {name: _tidy(inner) for name, inner in value.items()}
        if key in {"properties", "$defs", "patternProperties"}
        else _tidy(value)
        for key, value in node.items()
        if not (key == "title" or (key == "default" and not _informs(value)))
    }
    if "$ref" in tidied:
        tidied["$ref"] = str(tidied["$ref"]).removesuffix("Schema")
    if tidied.get("type") == "number" and "default" in tidied:
        tidied["default"] = float(tidied["default"])
    if "patternProperties" in tidied:
        tidied["additionalProperties"] = False
    return _without_null(tidied)


def _informs(default: Any) -> bool:
    """Whether a default says more than that the key may be left out."""
    return default is not None and not isinstance(default, dict | list)


def _without_null(node: Schema) -> Schema:
    choices = [item for item in node.get("anyOf", ()) if item != {"type": "null"}]
    if not choices or len(choices) == len(node["anyOf"]):
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return {**rest, **choices[0]} if len(choices) == 1 else {**rest, "anyOf": choices}


def _rule(check: Check) -> Schema:
    """What a requirement with this check may hold besides its name."""
    described = _described(check)
    parameters = {
        name: _parameter(item, described.get(name, "")) for name, item in check.parameters.items()
    }
    needed = [name for name, item in check.parameters.items() if item.required]
    properties: Schema = {
        "with": {
            "properties": parameters,
            "additionalProperties": False,
            **({"required": needed} if needed else {}),
        }
    }
    usable = usable_directions(check)
    for direction in Direction:
        # `false` allows no value at all, so an editor marks the key itself.
        properties[direction.value] = _bar(check, direction) if direction in usable else False
    if usable:
        properties["requires"] = False
    rule: Schema = {"properties": properties}
    if needed:
        rule["required"] = ["with"]
    if usable:
        rule["oneOf"] = [{"required": [item.value]} for item in Direction if item in usable]
    if "small_groups" in parameters:
        left_out: Schema = {"properties": {"small_groups": {"const": "report"}}}
        rule["if"] = {
            "properties": {"with": {**left_out, "required": ["small_groups"]}},
            "required": ["with"],
        }
        rule["then"] = {"required": ["rationale"]}
    return rule


def _bar(check: Check, direction: Direction) -> Schema:
    """A bar, or bars by tier, within the range of the check's figure."""
    threshold = _threshold(check, direction)
    if direction is Direction.BETWEEN:
        threshold = {"type": "array", "items": threshold, "minItems": 2, "maxItems": 2}
    return {"anyOf": [threshold, {"type": "object", "additionalProperties": threshold}]}


def _threshold(check: Check, direction: Direction) -> Schema:
    """A bar within the range of the check's figure, and one that data can show."""
    bar: Schema = {"type": "number"}
    if check.unit in RANGES:
        bar["minimum"], bar["maximum"] = RANGES[check.unit]
    if direction in {Direction.BETWEEN, Direction.EQUALS}:
        return bar
    end = unreachable_end(check, direction)
    if end is not None and direction is Direction.AT_LEAST:
        bar["exclusiveMaximum"] = end
    elif end is not None:
        bar["exclusiveMinimum"] = end
    return bar


def _about(check: Check) -> str:
    good = {"higher": "Higher is better.", "lower": "Lower is better.", "true": "It must hold."}
    return f"{check.summary} {good[check.better]}"


def _parameter(parameter: Parameter, description: str) -> Schema:
    schema = _of_type(parameter)
    if description:
        schema["description"] = description
    if not parameter.required and parameter.default not in ((), None):
        default = parameter.default
        schema["default"] = float(default) if isinstance(default, Decimal) else default
    return schema


def _of_type(parameter: Parameter) -> Schema:
    if parameter.choices:
        return {"enum": list(parameter.choices)}
    if parameter.names_columns:
        name = {"type": "string", "minLength": 1}
        return {"anyOf": [name, {"type": "array", "items": name, "uniqueItems": True}]}
    names = {bool: "boolean", int: "integer", str: "string", float: "number", Decimal: "number"}
    return {"type": names[parameter.type]}


def _described(check: Check) -> dict[str, str]:
    """What the check's docstring says of each parameter, under "Args:"."""
    _, _, after = inspect.cleandoc(check.documentation).partition("\nArgs:\n")
    described: dict[str, str] = {}
    name = ""
    for line in after.splitlines():
        if line and not line.startswith(" "):
            break
        start = re.fullmatch(r" {4}(\w+): (.*)", line)
        if start:
            name = start[1]
            described[name] = start[2]
        elif name and line.strip():
            described[name] += f" {line.strip()}"
    return described
