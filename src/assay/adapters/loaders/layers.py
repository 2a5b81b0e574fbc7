"""A policy of several texts: each is read on top of what it builds on, and all are merged.

A text that names an inherited requirement without saying what it asks takes that over: its check,
parameters, condition and bar are filled in, as if they stood in the text, before it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from assay.adapters.loaders.extending import EXTENDS, layers_of
from assay.adapters.loaders.problems import raise_problems
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span, suggest
from assay.policy.cells import WHAT_IS_ASKED
from assay.policy.merging import Layer, Merged, merge
from assay.policy.policy import Direction, Policy

REQUIREMENTS: Final = "requirements"
TAKEN_OVER: Final[tuple[str, ...]] = (*WHAT_IS_ASKED, "by", "with", "when")
BARS: Final[tuple[str, ...]] = tuple(direction.value for direction in Direction)

Parse = Callable[[YamlText], Policy]
"""Reads one text as a policy, every name checked but those in expressions."""


class UnknownInherited(ConfigurationError):
    """A requirement says nothing of what it asks, and no policy beneath has one of its name."""

    code = "policy.unknown-requirement"


class UnreadPolicies(ConfigurationError):
    """A text extends others, and was handed on without them."""

    code = "policy.unread"


def merged_texts(written: Written, parse: Parse) -> tuple[Merged, YamlText]:
    """What a text and all that it builds on come to, and a text to find its expressions in.

    Raises:
        ConfigurationError: a text cannot be read, loosens or changes what it builds on.
    """
    sources = layers_of(written)
    texts = {item.file: parse_yaml(item.source, file=item.file) for item in sources}
    complete: dict[str, YamlText] = {}
    layers: list[Layer] = []
    for item in sources:
        beneath = [other.file for other in layers_of(item)[:-1]]
        text = texts[item.file]
        complete[item.file] = completed(text, [texts[name] for name in beneath])
        policy = parse(complete[item.file])
        if text.value.get(EXTENDS) and not beneath:
            raise UnreadPolicies(
                f"{item.file!r} extends policies that were not read with it.",
                where=text.locate(EXTENDS, key=True),
                remedy="Name it where files can be read: in the manifest, or on the command line.",
            )
        layers.append(
            Layer(
                name=item.file,
                policy=policy,
                places={**text.keys, **text.values},
                overlay=EXTENDS in text.value,
                beneath=frozenset(beneath),
            )
        )
    merged = merge(layers)
    raise_problems(merged.problems)
    return merged, _together(list(complete.values()))


def _together(texts: Sequence[YamlText]) -> YamlText:
    """The places of several texts as those of one; of the same path, the first text's."""
    last = texts[-1]
    values, keys, contents = dict(last.values), dict(last.keys), dict(last.contents)
    broken = set(last.broken)
    for text in reversed(texts[:-1]):
        values.update(text.values)
        keys.update(text.keys)
        contents.update(text.contents)
        broken |= text.broken
    return replace(last, values=values, keys=keys, contents=contents, broken=frozenset(broken))


def completed(text: YamlText, beneath: Sequence[YamlText]) -> YamlText:
    """A text with what its requirements take over filled in, each with its place of origin.

    Raises:
        UnknownInherited: there is nothing to take over.
    """
    rules = text.value.get(REQUIREMENTS)
    if not isinstance(rules, dict):
        return text
    filled: dict[str, Any] = {}
    places: dict[str, Span] = {}
    problems: list[ConfigurationError] = []
    for name, rule in rules.items():
        filled[name] = rule
        if not isinstance(rule, dict) or any(key in rule for key in WHAT_IS_ASKED):
            continue
        home = _home(name, beneath)
        if home is not None:
            filled[name], inherited = _filled(name, rule, home)
            places.update(inherited)
        elif beneath:
            problems.append(_unknown(name, text, beneath))
    raise_problems(problems)
    return replace(
        text, value={**text.value, REQUIREMENTS: filled}, values={**places, **text.values}
    )


def _home(name: str, beneath: Sequence[YamlText]) -> YamlText | None:
    """The first text that says what a requirement asks."""
    for text in beneath:
        rule = _rules(text).get(name)
        if isinstance(rule, dict) and any(key in rule for key in WHAT_IS_ASKED):
            return text
    return None


def _filled(
    name: str, rule: dict[str, Any], home: YamlText
) -> tuple[dict[str, Any], Iterator[tuple[str, Span]]]:
    """A requirement with what it takes over, and where that stands."""
    inherited: dict[str, Any] = _rules(home)[name]
    taken = [key for key in TAKEN_OVER if key in inherited]
    if not any(bar in rule for bar in BARS):
        taken += [bar for bar in BARS if bar in inherited]
    complete = {**{key: inherited[key] for key in taken}, **rule}
    with_inherited, with_own = inherited.get("with"), rule.get("with")
    if isinstance(with_inherited, dict) and isinstance(with_own, dict):
        complete["with"] = {**with_inherited, **with_own}
    prefix = f"{REQUIREMENTS}.{name}."
    starts = tuple(f"{prefix}{key}" for key in taken)
    places = ((path, span) for path, span in home.values.items() if path.startswith(starts))
    return complete, places


def _unknown(name: str, text: YamlText, beneath: Sequence[YamlText]) -> UnknownInherited:
    known = {rule for item in beneath for rule in _rules(item)}
    return UnknownInherited(
        f"Requirement {name!r} has no `check`, and no policy that this one builds on has a "
        "requirement of that name.",
        where=text.locate(f"{REQUIREMENTS}.{name}", key=True),
        remedy=suggest(name, known, otherwise="Name its check, or an inherited requirement."),
    )


def _rules(text: YamlText) -> dict[str, Any]:
    rules = text.value.get(REQUIREMENTS)
    return rules if isinstance(rules, dict) else {}
