"""The parts of docs/reference that follow from the code, and what writes them anew.

`python -m tests.docs.reference` writes them; a test fails while a page differs.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.docs.blocks import ROOT
from typer.main import get_command

import assay
from assay.adapters.loaders.schema import manifest_schema, policy_schema
from assay.adapters.plugins import find_checks
from assay.adapters.settings import Settings
from assay.checks.check import Check, Parameter
from assay.cli import exits
from assay.cli.run import app
from assay.errors import AssayError

REFERENCE: Final = ROOT / "docs" / "reference"

WITHOUT_MODULES: Final = re.compile(r"assay\.cli\.demo\.material(\.|$)")
"""The demo's material is what a user would write: scripts that run when imported."""


def commands() -> dict[str, Any]:
    """Every command of the program by its words, such as "gate" or "log anchor"."""
    return dict(_commands(get_command(app), ()))


def error_types() -> list[type[AssayError]]:
    """Every error of the family, found by importing every module, in the order of their codes."""
    for module in pkgutil.walk_packages(assay.__path__, "assay."):
        if not WITHOUT_MODULES.match(module.name):
            importlib.import_module(module.name)
    return sorted(set(_subtypes(AssayError)), key=lambda kind: (kind.code, kind.__qualname__))


def exit_codes() -> dict[str, int]:
    """The exit codes by the name of their constant."""
    return {name: value for name, value in vars(exits).items() if name.isupper() and _is_int(value)}


def built_in_checks() -> Mapping[str, Check]:
    """Every check that Assay brings."""
    return find_checks().all()


def commands_block() -> str:
    """Each command with its arguments and options."""
    return "\n".join(_command(name, command) for name, command in commands().items())


def errors_block() -> str:
    """Each error code with its exit code and meaning."""
    rows = [
        f"| `{kind.code}` | {exit_of(kind)} | {_cell(_first_line(kind))} |"
        for kind in error_types()
    ]
    return "\n".join(("| code | exit | meaning |", "|---|---|---|", *rows)) + "\n"


def checks_block() -> str:
    """Each check with its direction, unit and parameters, by family."""
    rows = [_check(check) for check in built_in_checks().values()]
    head = ("| check | better | figure | parameters | measures |", "|---|---|---|---|---|")
    return "\n".join((*head, *rows)) + "\n"


def manifest_block() -> str:
    """Each key of the manifest."""
    return _keys(manifest_schema())


def settings_block() -> str:
    """Each key of a workspace's settings."""
    return _keys(Settings.model_json_schema())


def policy_block() -> str:
    """Each key of a policy."""
    return _keys(policy_schema(built_in_checks()))


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands_block,
    "errors": errors_block,
    "checks": checks_block,
    "manifest": manifest_block,
    "policy": policy_block,
    "settings": settings_block,
}
"""What makes the generated part of each page, by the page's name."""


def page(name: str) -> Path:
    """The page of that name."""
    return REFERENCE / f"{name}.md"


def generated_part(name: str) -> str:
    """What stands between the markers of a page."""
    return _MARKED.split(page(name).read_text(encoding="utf-8"))[2]


def write(name: str) -> None:
    """Write the generated part of a page anew."""
    before, start, _, end, after = _MARKED.split(page(name).read_text(encoding="utf-8"))
    page(name).write_text("".join((before, start, BLOCKS[name](), end, after)), encoding="utf-8")


_MARKED: Final = re.compile(
    r"(<!-- From the code: `make golden` writes this part anew\. -->\n\n)"
    r"(.*?)(\n<!-- End of what follows from the code\. -->\n)",
    re.DOTALL,
)


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, child in getattr(command, "commands", {}).items():
        if not getattr(child, "hidden", False):
            yield " ".join((*words, name)), child
            yield from _commands(child, (*words, name))


def _subtypes(kind: type[AssayError]) -> Iterator[type[AssayError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("assay."):
            yield child
            yield from _subtypes(child)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def exit_of(kind: type[AssayError]) -> int:
    error = kind.__new__(kind)
    return exits.exit_code(error)


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _command(name: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option"]
    usage = " ".join((f"assay {name}", *map(_argument, arguments)))
    rows = [
        *(f"| `{_argument(item)}` | {_cell(item.help or '')} |" for item in arguments),
        *(f"| {_option(item)} | {_cell(item.help or '')}{_default(item)} |" for item in options),
    ]
    table = "\n".join(("| | |", "|---|---|", *rows))
    text = "\n\n".join(" ".join(part.split()) for part in command.help.split("\n\n"))
    return f"## assay {name}\n\n`{usage}`\n\n{text}\n\n{table}\n"


def _argument(item: Any) -> str:
    word = (item.metavar or item.name).upper()
    return word if item.required else f"[{word}]"


def _option(item: Any) -> str:
    kind = {Path: "PATH", int: "NUMBER"}.get(item.bare_type, "TEXT")
    value = "" if item.is_flag else f" {item.metavar or kind}"
    spelled = ", ".join(f"`{option}`" for option in sorted(item.opts, key=len, reverse=True))
    repeated = ", repeatable" if item.multiple else ""
    return f"{spelled}{value}{repeated}{' (required)' if item.required else ''}"


def _default(item: Any) -> str:
    if item.required or item.is_flag or item.default is None:
        return ""
    return f" Default: `{item.default}`."


def _check(check: Check) -> str:
    family = check.name.partition(".")[0]
    directions = {"higher": "higher", "lower": "lower", "true": "must hold"}
    figure = check.unit if check.statistical else f"{check.unit}, a fact"
    figure = "fact" if check.unit == "fact" else figure
    parameters = ", ".join(map(_parameter, check.parameters.values()))
    name = f"[`{check.name}`](../checks/{family}.md)"
    summary = _cell(check.summary)
    return f"| {name} | {directions[check.better]} | {figure} | {parameters} | {summary} |"


def _parameter(parameter: Parameter) -> str:
    if parameter.required:
        return f"`{parameter.name}` (required)"
    default = parameter.default
    shown = (
        "all" if default == () else str(default).lower() if default in (True, False) else default
    )
    return f"`{parameter.name}`: {shown}"


def _keys(schema: Mapping[str, Any]) -> str:
    rows = "\n".join(_rows(schema, schema, ""))
    return f"| key | | meaning |\n|---|---|---|\n{rows}\n"


def _rows(schema: Mapping[str, Any], node: Mapping[str, Any], path: str) -> Iterator[str]:
    """A row for each key below a node, and for what stands below it in turn."""
    required = set(node.get("required", ()))
    for name, item in node.get("properties", {}).items():
        below = f"{path}{name}"
        mark = "required" if name in required else _shown_default(item)
        yield f"| `{below}` | {mark} | {_cell(item['description'])} |"
        for child, suffix in _children(schema, item):
            yield from _rows(schema, child, f"{below}{suffix}")


def _shown_default(item: Mapping[str, Any]) -> str:
    default = item.get("default")
    return "" if default in (None, [], {}) or isinstance(default, dict) else f"`{default}`"


def _children(
    schema: Mapping[str, Any], item: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The objects with named keys that a key's value may be, and how their keys are joined."""
    for form in (item, *item.get("anyOf", ()), *item.get("oneOf", ()), *item.get("allOf", ())):
        if "$ref" in form:
            yield _resolved(schema, form), "."
        additional = form.get("additionalProperties")
        if isinstance(additional, dict):
            for child, _ in _children(schema, additional):
                yield child, ".<id>."
        if isinstance(form.get("items"), dict):
            for child, _ in _children(schema, form["items"]):
                yield child, "[]."


def _resolved(schema: Mapping[str, Any], form: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema["$defs"][form["$ref"].rpartition("/")[2]]
    return found


if __name__ == "__main__":
    for page_name in BLOCKS:
        write(page_name)
