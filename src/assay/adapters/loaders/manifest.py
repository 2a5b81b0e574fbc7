"""`assay.yaml` as a manifest: strict, with the place of every error and of every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from assay.adapters.loaders.files import resolve_path
from assay.adapters.loaders.manifest_schema import (
    EvaluationSchema,
    LabelSchema,
    ManifestSchema,
    TrainingSchema,
    WeightSchema,
)
from assay.adapters.loaders.problems import InvalidValue, raise_problems, validate
from assay.adapters.loaders.system import system_of
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.checks.occasion import EVALUATED_ON, HOLDOUT_USE
from assay.errors import ConfigurationError, nearest
from assay.evidence.roles import DecisionRule, Label, Protected
from assay.governance.manifest import Candidate, EvaluationData, ExternalFile, Manifest, System
from assay.governance.versions import REFERENCE
from assay.stats.tallies.weights import DEFAULT_SCALE, Weight

FILE_NAME: Final = "assay.yaml"
KNOWN_DOCUMENTS: Final = ("model_card",)


def parse_manifest(written: Written, *, folder: Path, roots: Iterable[Path] = ()) -> Manifest:
    """The manifest that a text declares.

    Args:
        written: the text.
        folder: the manifest's folder; its paths are relative to it and stay inside.
        roots: further folders in which paths may lie, from the workspace's settings.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(ManifestSchema, text)
    allowed = tuple(roots)
    raise_problems([*_outside(schema, text, folder, allowed), *_shared_columns(schema, text)])
    system = system_of(schema.system, text, folder=folder, roots=allowed)
    return _manifest(schema, text, system)


def _outside(
    schema: ManifestSchema, text: YamlText, folder: Path, roots: tuple[Path, ...]
) -> Iterator[ConfigurationError]:
    for path, written in _paths(schema):
        try:
            resolve_path(written, folder=folder, roots=roots, where=text.locate(path))
        except ConfigurationError as error:
            yield error
    for index, written in enumerate(schema.checks):
        if not written.endswith(".py"):
            yield InvalidValue(
                f"`checks.{index}` is {written!r}, not a Python file.",
                where=text.locate(f"checks.{index}"),
                remedy="Name the file, such as checks/churn.py; packages come by entry point.",
            )
    for name in schema.documents:
        yield from _document_name(name, text)


def _document_name(name: str, text: YamlText) -> Iterator[ConfigurationError]:
    """A document of the user's own may have any name but one that means another key."""
    if name in {EVALUATED_ON.name, HOLDOUT_USE.name}:
        yield InvalidValue(
            f"`documents.{name}` is what Assay itself writes down of an evaluation.",
            where=text.locate(f"documents.{name}", key=True),
            remedy="Give your document another name.",
        )
    homes = {"monitoring": "monitoring", "datasheet": "data.training.datasheet"}
    meant = nearest(name, KNOWN_DOCUMENTS)
    if name in homes or (meant and name not in KNOWN_DOCUMENTS):
        yield InvalidValue(
            f"`documents.{name}` is not where such a document is named.",
            where=text.locate(f"documents.{name}", key=True),
            remedy=f"Write it under `{homes.get(name, f'documents.{meant}')}`.",
        )


def _paths(schema: ManifestSchema) -> Iterator[tuple[str, str]]:
    """Every path that the manifest names, by where it stands."""
    version, training = schema.version, schema.data.training
    single = {
        "system.intake": schema.system.intake,
        "version.model": version.model,
        "version.code": version.code,
        "version.environment": version.environment,
        "version.configuration": version.configuration,
        "data.evaluation.path": schema.data.evaluation.path,
        "policy": schema.policy,
        "monitoring": schema.monitoring,
    }
    if isinstance(training, TrainingSchema):
        single |= {
            "data.training.path": training.path,
            "data.training.datasheet": training.datasheet,
        }
    else:
        single["data.training"] = training
    if REFERENCE.fullmatch(version.model):
        del single["version.model"]
    yield from ((path, written) for path, written in single.items() if written is not None)
    yield from ((f"documents.{name}", written) for name, written in schema.documents.items())
    yield from ((f"checks.{index}", written) for index, written in enumerate(schema.checks))
    for name, item in schema.evidence.items():
        yield f"evidence.{name}.path", item.path
        yield from (
            (f"evidence.{name}.signers.{index}", key) for index, key in enumerate(item.signers)
        )


def _shared_columns(schema: ManifestSchema, text: YamlText) -> Iterator[ConfigurationError]:
    """One column has one role: a label that is also a score would make every model perfect."""
    data = schema.data.evaluation
    label = data.label.column if isinstance(data.label, LabelSchema) else data.label
    roles = [("label", label), ("score", data.score), ("unit", data.unit)]
    roles += [("weight.column", data.weight.column)] if data.weight is not None else []
    roles += [("champion", data.champion), ("baseline", data.baseline)]
    roles += [(f"protected.{index}", item.column) for index, item in enumerate(_protected(data))]
    first: dict[str, str] = {}
    for role, column in roles:
        if column is not None and first.setdefault(column, role) != role:
            yield InvalidValue(
                f"`data.evaluation.{role}` names column {column!r}, which is already "
                f"`data.evaluation.{first[column]}`.",
                where=text.locate(f"data.evaluation.{role}"),
                remedy="Give each role a column of its own.",
            )


def _protected(data: EvaluationSchema) -> tuple[Protected, ...]:
    return tuple(
        Protected(column=item)
        if isinstance(item, str)
        else Protected(column=next(iter(item)), cuts=tuple(next(iter(item.values()))))
        for item in data.protected
    )


def _manifest(schema: ManifestSchema, text: YamlText, system: System) -> Manifest:
    training = schema.data.training
    documents = dict(schema.documents)
    if isinstance(training, TrainingSchema):
        if training.datasheet is not None:
            documents["datasheet"] = training.datasheet
        training = training.path
    return Manifest(
        file=text.file,
        system=system,
        version=Candidate(**schema.version.model_dump()),
        training=training,
        evaluation=_evaluation(schema.data.evaluation),
        policy=schema.policy,
        documents=documents,
        monitoring=schema.monitoring,
        checks=tuple(schema.checks),
        evidence={
            name: ExternalFile(
                path=item.path,
                format=item.format,
                signers=tuple(item.signers),
                threshold=item.threshold,
            )
            for name, item in schema.evidence.items()
        },
        spans=text.values,
    )


def _evaluation(data: EvaluationSchema) -> EvaluationData:
    label = data.label
    return EvaluationData(
        path=data.path,
        label=Label(column=label)
        if isinstance(label, str)
        else Label(column=label.column, positive=label.positive),
        decision=DecisionRule(
            favourable_when=data.decision.favourable_when, threshold=data.decision.threshold
        ),
        score=data.score,
        predict=tuple(data.predict) if data.predict is not None else None,
        protected=_protected(data),
        unit=data.unit,
        weight=_weight(data.weight),
        champion=data.champion,
        baseline=data.baseline,
    )


def _weight(schema: WeightSchema | None) -> Weight | None:
    if schema is None:
        return None
    return Weight(column=schema.column, kind=schema.kind, scale=schema.scale or DEFAULT_SCALE)
