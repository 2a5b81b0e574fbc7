"""Whether a written document says something where it must: what is absent, what a placeholder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_WHOLE: Final = re.compile(
    r"\.{2,}|…|-+|\?+|_+|x{3,}|<[^<>]*>|\[[^\[\]]*\]|\{\{.*\}\}|"
    r"(none yet|coming soon|fill (this )?in|to be (added|announced|decided|defined|determined|"
    r"done|filled in|written)|placeholder|lorem ipsum.*)\.?",
    re.IGNORECASE | re.DOTALL,
)
"""A text that is nothing but a placeholder."""

_MARKER: Final = re.compile(r"\b(TODO|TBD|TBA|FIXME)\b")
"""A mark, in capitals, that says the text around it is not finished."""


MISSING: Final = "missing"
EMPTY: Final = "empty"
PLACEHOLDER: Final = "still a placeholder"


def unfilled(content: Mapping[str, Any], required: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What a document lacks: MISSING, EMPTY or PLACEHOLDER by section; nothing when complete.

    Args:
        content: the document as parsed.
        required: by section, the dotted paths under which it may stand; one is enough.

    A section is filled in when it holds at least one text, number or truth, and no text in
    it is a placeholder.
    """
    lacking: dict[str, str] = {}
    for section, paths in required.items():
        found = [part for part in (_at(content, path) for path in paths) if part is not None]
        texts = [text for part in found for text in _leaves(part)]
        if not texts:
            lacking[section] = EMPTY if found else MISSING
        elif any(map(is_placeholder, texts)):
            lacking[section] = PLACEHOLDER
    return lacking


def told(lacking: Mapping[str, str]) -> str:
    """What a document lacks as one sentence, sections with the same lack together.

    >>> told({"factors": "missing", "metrics": "empty", "intended_use": "missing"})
    'Missing: factors, intended_use; empty: metrics.'
    """
    groups = [
        f"{state}: {', '.join(section for section, its in lacking.items() if its == state)}"
        for state in dict.fromkeys(lacking.values())
    ]
    sentence = "; ".join(groups)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def is_placeholder(text: str) -> bool:
    """Whether a text stands for one that is yet to be written.

    >>> is_placeholder("<who is told>"), is_placeholder("TODO: ask legal")
    (True, True)
    >>> is_placeholder("Applicants under 25 and over 60")
    False
    """
    return bool(_WHOLE.fullmatch(text.strip()) or _MARKER.search(text))


def _at(content: Any, path: str) -> Any:
    """What stands at a dotted path, or None."""
    for key in path.split("."):
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def _leaves(part: Any) -> Iterator[str]:
    """The texts of everything that says something, however deep."""
    if isinstance(part, Mapping):
        for value in part.values():
            yield from _leaves(value)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for value in part:
            yield from _leaves(value)
    elif part is not None and str(part).strip():
        yield str(part)
