"""References to provisions, resolved against the catalogues that Assay ships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from assay.adapters.loaders.library import parse_evidence_kinds, parse_library
from assay.adapters.loaders.shipped import shipped, shipped_names
from assay.adapters.loaders.yaml import YamlText
from assay.errors import ConfigurationError, suggest
from assay.policy.provisions import Reference, Regulation

REGULATIONS: Final = "regulations"
EVIDENCE_KINDS: Final = "evidence-kinds.yaml"
_SUFFIX: Final = ".yaml"


class UnknownProvision(ConfigurationError):
    """A policy refers to a provision that no catalogue has."""

    code = "policy.unknown-provision"


def reference_problems(
    rule: str, references: Sequence[str], path: str, text: YamlText
) -> Iterator[ConfigurationError]:
    """Each reference under `satisfies` that means no provision.

    Args:
        rule: the requirement's id.
        references: what it refers to.
        path: the dotted path of `satisfies`.
        text: the policy, for places.
    """
    for index, written in enumerate(references):
        name, _, provision = written.partition(":")
        regulation = _regulation(name)
        if regulation is not None and regulation.named(provision):
            continue
        known = (
            [f"{name}:{item}" for item in regulation.provisions]
            if regulation
            else [f"{item}:{provision}" for item in _ids()]
        )
        yield UnknownProvision(
            f"Requirement {rule!r} refers to {written!r}, which is no provision of the catalogues.",
            where=text.locate(f"{path}.{index}"),
            remedy=suggest(
                Reference(written),
                known,
                otherwise=f"Write `catalogue:item`; the catalogues are {', '.join(_ids())}.",
            ),
        )


@cache
def _regulation(name: str) -> Regulation | None:
    """One catalogue; the others are not read."""
    if name not in _ids():
        return None
    library = parse_library([shipped(f"{REGULATIONS}/{name}{_SUFFIX}")], _kinds())
    return library.regulations[name]


@cache
def _kinds() -> frozenset[str]:
    return parse_evidence_kinds(shipped(EVIDENCE_KINDS))


@cache
def _ids() -> tuple[str, ...]:
    """The ids of the catalogues, which their files are called by."""
    return tuple(name.removesuffix(_SUFFIX) for name in shipped_names(REGULATIONS))
