"""YAML text to plain values with positions: YAML 1.2 scalars, and nothing that surprises.

PyYAML gives the events; scalars are resolved here by the core schema of YAML 1.2 (section
10.3.2), so `NO`, `1_000` and `10:30` are text. Fractions are decimals, never floats.
Anchors, aliases, tags, merge keys, directives, further documents and duplicate keys are
refused, and size, depth and number of values are bounded before they cost anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from assay.adapters.loaders.scalars import Plain, resolve_plain
from assay.adapters.loaders.text import UNPRINTABLE, UnusableText, decode, place
from assay.errors import ConfigurationError, Span

DEPTH_MAX: Final = 32
VALUES_MAX: Final = 50_000

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class MalformedYaml(ConfigurationError):
    """The text is not YAML."""

    code = "yaml.malformed"


class EmptyYaml(ConfigurationError):
    """The text holds nothing, or something other than a mapping of keys to values."""

    code = "yaml.empty"


class TabInYaml(ConfigurationError):
    """The text holds a tab."""

    code = "yaml.tab"


class DuplicateKey(ConfigurationError):
    """A mapping has a key twice."""

    code = "yaml.duplicate-key"


class UnusableKey(ConfigurationError):
    """A key is not text."""

    code = "yaml.key"


class ForbiddenYaml(ConfigurationError):
    """The text uses a feature of YAML that Assay refuses."""

    code = "yaml.forbidden"


class OversizedYaml(ConfigurationError):
    """The text nests too deeply, or has too many values."""

    code = "yaml.too-large"


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlText:
    """A parsed text.

    Attributes:
        file: the name of the file as shown to people.
        value: the top-level mapping.
        values: where each value starts, by dotted path ("data.evaluation.protected.0").
        keys: where each key of a mapping starts, by the dotted path of its value.
        contents: where the first character of each scalar's text stands, within its quotes.
        broken: paths of scalars whose lines are not the lines of their text.
    """

    file: str
    value: dict[str, Plain]
    values: Mapping[str, Span] = field(default_factory=dict[str, Span])
    keys: Mapping[str, Span] = field(default_factory=dict[str, Span])
    contents: Mapping[str, Span] = field(default_factory=dict[str, Span])
    broken: frozenset[str] = frozenset()

    def within(self, path: str, *, line: int, column: int) -> Span:
        """Where a line and column (from 1) of a scalar's own text stand in the file.

        Where its lines are folded, or its path is not of this text, where it starts.
        """
        start = self.contents.get(path)
        if start is None or path in self.broken:
            return start or self.locate(path)
        # Lines of a block are indented alike; any other scalar has one line.
        return Span(start.file, start.line + line - 1, start.column + column - 1)

    def locate(self, path: str, *, key: bool = False) -> Span:
        """Where the value (or the key) at a dotted path stands, or else what encloses it."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        while path:
            span = first.get(path) or second.get(path)
            if span is not None:
                return span
            path = path.rpartition(".")[0]
        return Span(self.file, 1, 1)


def parse_yaml(data: bytes, *, file: str) -> YamlText:
    """The mapping that a text holds, with the place of every key and value.

    Args:
        data: UTF-8, at most BYTES_MAX bytes (`text`).
        file: the name of the file as shown to people.

    Raises:
        ConfigurationError: of this module, `text` or `scalars`, with the place.
    """
    text = decode(data, file=file)
    tab = text.find("\t")
    if tab >= 0:
        raise TabInYaml(
            "The line holds a tab; YAML is indented with spaces, and Assay reads no tabs at all.",
            where=place(text, tab, file=file),
            remedy="Replace the tab by spaces.",
        )
    try:
        return _Builder(text, file).build()
    except yaml.YAMLError as error:
        raise _malformed(error, file) from error


class _Builder:
    """Makes values of events, one at a time, and stops at the first that is refused."""

    def __init__(self, text: str, file: str) -> None:
        self._events = _LOADER(text)
        self._file = file
        self._count = 0
        self._values: dict[str, Span] = {}
        self._keys: dict[str, Span] = {}
        self._contents: dict[str, Span] = {}
        self._broken: set[str] = set()
        self._lines = text.split("\n")

    def build(self) -> YamlText:
        try:
            self._events.get_event()  # the start of the stream
            event = self._events.get_event()
            if not isinstance(event, yaml.DocumentStartEvent):
                self._refuse_empty(event)
            if event.version is not None or event.tags:
                self._forbid("a directive", event, "Delete the line that starts with '%'.")
            value = self._value(self._events.get_event(), "", depth=1)
            self._end()
        finally:
            self._events.dispose()
        return YamlText(
            file=self._file,
            value=value,
            values=self._values,
            keys=self._keys,
            contents=self._contents,
            broken=frozenset(self._broken),
        )

    def _end(self) -> None:
        self._events.get_event()  # the end of the document
        event = self._events.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            self._forbid("a second document", event, "Keep one document a file; delete the '---'.")

    def _value(self, event: Any, path: str, *, depth: int) -> Any:
        self._admit(event, depth)
        if path:
            self._values[path] = self._span(event)
        elif not isinstance(event, yaml.MappingStartEvent):
            self._refuse_empty(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        self._note_content(event, path)
        return self._scalar(event)

    def _note_content(self, event: Any, path: str) -> None:
        """Where a scalar's text begins: after its quote, or on the line below its | or >."""
        line, column = event.start_mark.line, event.start_mark.column
        if event.style in {"|", ">"}:
            line += 1
            body = self._lines[line] if line < len(self._lines) else ""
            column = len(body) - len(body.lstrip(" "))
        elif event.style in {"'", '"'}:
            column += 1
        one_line = event.start_mark.line == event.end_mark.line
        if not one_line and event.style != "|":
            self._broken.add(path)
        self._contents[path] = Span(self._file, line + 1, column + 1)

    def _mapping(self, path: str, depth: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        while not isinstance(event := self._events.get_event(), yaml.MappingEndEvent):
            key = self._key(event, depth)
            inner = f"{path}.{key}" if path else key
            if key in found:
                raise DuplicateKey(
                    f"The key {key!r} stands here again; it is already at {self._keys[inner]}.",
                    where=self._span(event),
                    remedy="Keep one of them.",
                )
            self._keys[inner] = self._span(event)
            found[key] = self._value(self._events.get_event(), inner, depth=depth + 1)
        return found

    def _sequence(self, path: str, depth: int) -> list[Plain]:
        found: list[Plain] = []
        while not isinstance(event := self._events.get_event(), yaml.SequenceEndEvent):
            found.append(self._value(event, f"{path}.{len(found)}", depth=depth + 1))
        return found

    def _key(self, event: Any, depth: int) -> str:
        self._admit(event, depth)
        key = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<":
            self._forbid("a merge key", event, "Write the keys out.")
        if not isinstance(key, str) or not key:
            raise UnusableKey(
                "A key must be text.", where=self._span(event), remedy="Quote it, or name it."
            )
        return key

    def _scalar(self, event: Any) -> Plain:
        odd = UNPRINTABLE.search(event.value)
        if odd:
            raise UnusableText(
                f"The text holds the character U+{ord(odd.group()):04X}, written as an escape.",
                where=self._span(event),
                remedy="Delete it.",
            )
        if event.implicit[0]:
            return resolve_plain(event.value, self._span(event))
        return str(event.value)

    def _admit(self, event: Any, depth: int) -> None:
        self._count += 1
        if depth > DEPTH_MAX or self._count > VALUES_MAX:
            raise OversizedYaml(
                f"The text nests deeper than {DEPTH_MAX} levels or has more than "
                f"{VALUES_MAX:,} values.",
                where=self._span(event),
                remedy="Text that people write is smaller: is this the right file?",
            )
        if isinstance(event, yaml.AliasEvent):
            self._forbid(f"the alias *{event.anchor}", event, "Write the value out.")
        if event.anchor is not None:
            self._forbid(f"the anchor &{event.anchor}", event, "Write the value out where needed.")
        if event.tag is not None:
            self._forbid(f"the tag {event.tag}", event, "Delete the tag.")

    def _forbid(self, feature: str, event: Any, remedy: str) -> NoReturn:
        raise ForbiddenYaml(
            f"The file uses {feature}, which Assay does not read.",
            where=self._span(event),
            remedy=remedy,
        )

    def _refuse_empty(self, event: Any) -> NoReturn:
        raise EmptyYaml(
            "The file does not hold a mapping of keys to values.",
            where=self._span(event),
            remedy="Write `key: value` lines; `assay init` shows what first files look like.",
        )

    def _span(self, event: Any) -> Span:
        return _span(event.start_mark, self._file)


def _span(mark: Any, file: str) -> Span:
    return Span(file, mark.line + 1, mark.column + 1)


def _malformed(error: yaml.YAMLError, file: str) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = _span(mark, file) if mark is not None else Span(file, 1, 1)
    problem = getattr(error, "problem", None) or "it cannot be read"
    context = getattr(error, "context", None)
    return MalformedYaml(
        f"The text is not YAML: {f'{context}, ' if context else ''}{problem}.",
        where=where,
        remedy="Check the indentation, and quote text that holds ': ' or ' #'.",
    )
