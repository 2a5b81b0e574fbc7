"""Regulations as a library of provisions, and the vocabulary of kinds of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from assay.adapters.loaders.catalogue_schema import (
    EntrySchema,
    EvidenceKindsSchema,
    RegulationSchema,
)
from assay.adapters.loaders.problems import raise_problems, validate
from assay.adapters.loaders.questionnaires import InconsistentCatalogue, UnknownName
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, suggest
from assay.policy.provisions import Library, Provision, Regulation


def parse_library(texts: Iterable[Written], kinds: frozenset[str]) -> Library:
    """The regulations that some texts list.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    found: dict[str, Regulation] = {}
    for written in texts:
        text = parse_yaml(written.source, file=written.file)
        schema = validate(RegulationSchema, text)
        raise_problems(
            [
                *entry_problems(schema.items, text, kinds),
                *_unknown_relatives(schema, text),
                *_unknown_milestones(schema, text),
            ]
        )
        found[schema.id] = Regulation(
            id=schema.id,
            title=schema.title,
            citation=schema.citation,
            status=schema.status,
            as_of=schema.as_of,
            verification=schema.verification.level,
            applies_from=_applies_from(schema),
            provisions={
                item.id: Provision(
                    id=item.id,
                    title=item.title,
                    text=item.text,
                    group=item.group,
                    evidence=tuple(item.evidence),
                )
                for item in schema.items
            },
        )
    return Library(regulations=found)


def parse_evidence_kinds(written: Written) -> frozenset[str]:
    """The closed vocabulary of kinds of evidence."""
    text = parse_yaml(written.source, file=written.file)
    schema = validate(EvidenceKindsSchema, text)
    kinds = frozenset(item.id for item in schema.items)
    raise_problems(list(entry_problems(schema.items, text, kinds)))
    return kinds


def entry_problems(
    items: Sequence[EntrySchema], text: YamlText, kinds: frozenset[str]
) -> Iterator[ConfigurationError]:
    """Ids that stand twice, and kinds of evidence that do not exist."""
    seen: set[str] = set()
    for number, item in enumerate(items):
        if item.id in seen:
            yield InconsistentCatalogue(
                f"The item {item.id!r} stands here again.",
                where=text.locate(f"items.{number}.id"),
                remedy="Give it an id of its own.",
            )
        seen.add(item.id)
        for kind in item.evidence:
            if kind not in kinds:
                yield UnknownName(
                    f"There is no kind of evidence {kind!r}.",
                    where=text.locate(f"items.{number}.evidence"),
                    remedy=suggest(kind, kinds, otherwise="evidence-kinds.yaml lists them."),
                )


def _applies_from(schema: RegulationSchema) -> dict[str, date]:
    """The day from which each item or group applies; under "" that of the whole."""
    return {
        name: date.fromisoformat(milestone.date)
        for milestone in schema.timeline
        for name in (*milestone.provisions, *([""] if milestone.whole else []))
    }


def _unknown_milestones(schema: RegulationSchema, text: YamlText) -> Iterator[ConfigurationError]:
    """Items and groups that a day of the timeline names and that are not there."""
    known = {item.id for item in schema.items} | {item.group for item in schema.items if item.group}
    for number, milestone in enumerate(schema.timeline):
        for name in milestone.provisions:
            if name not in known:
                yield UnknownName(
                    f"From {milestone.date} applies {name!r}, which is no item and no group here.",
                    where=text.locate(f"timeline.{number}.provisions"),
                    remedy=suggest(name, known, otherwise="Name an item or a group."),
                )


def _unknown_relatives(schema: RegulationSchema, text: YamlText) -> Iterator[ConfigurationError]:
    """Items that an item names as its parent, tactics or what it mitigates, and are not there."""
    known = {item.id for item in schema.items}
    for number, item in enumerate(schema.items):
        parent = [item.parent] if item.parent is not None else []
        for name in (*parent, *item.tactics, *item.mitigates):
            if name not in known:
                yield UnknownName(
                    f"Item {item.id!r} names {name!r}, which is no item here.",
                    where=text.locate(f"items.{number}"),
                    remedy=suggest(name, known, otherwise="Name an item of this catalogue."),
                )
