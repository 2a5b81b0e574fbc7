"""The texts of a policy as they are recorded: its own, and all that it builds on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from assay.app.ports import Written
from assay.evidence.canonical import Json, canonical, parse_object

LAYERS_MAX: Final = 256
"""Texts in one record; a policy that is read from files has far fewer."""


def policy_source(written: Written) -> bytes:
    """The texts as canonical JSON: `file` and `text`, and what is beneath where something is.

    Each text beneath is in it once, after those that it builds on itself.
    """
    form = _form(written)
    found: dict[str, Json] = {}
    _collect(written, found)
    if found:
        form["layers"] = list(found.values())
    return canonical(form)


def parse_policy_source(data: bytes) -> Written:
    """The texts in some recorded bytes.

    Raises:
        ValueError, TypeError, KeyError: there are none.
    """
    form = cast(Mapping[str, Any], parse_object(data))
    layers = form.get("layers", [])
    if not isinstance(layers, list) or len(layers) > LAYERS_MAX:
        raise ValueError(f"its layers are no list of at most {LAYERS_MAX}")
    known: dict[str, Written] = {}
    for layer in layers:
        known[layer["file"]] = _written(layer, known)
    return _written(form, known)


def _form(written: Written) -> dict[str, Json]:
    form: dict[str, Json] = {"file": written.file, "text": written.source.decode("utf-8")}
    if written.beneath:
        form["beneath"] = [item.file for item in written.beneath]
    return form


def _collect(written: Written, found: dict[str, Json]) -> None:
    for item in written.beneath:
        if item.file not in found:
            _collect(item, found)
            found[item.file] = _form(item)


def _written(form: Mapping[str, Any], known: Mapping[str, Written]) -> Written:
    file, text, names = form.get("file"), form.get("text"), form.get("beneath", [])
    if not isinstance(file, str) or not isinstance(text, str):
        raise TypeError("it has no file or no text")
    if not isinstance(names, list) or not known.keys() >= set(names):
        raise ValueError("it builds on a text that is not there")
    beneath = tuple(known[name] for name in names)
    return Written(file=file, source=text.encode("utf-8"), beneath=beneath)
