"""Traces of models in folders: files, deployment manifests, and imports. Nothing is loaded or run.

What is found does not come from the inventory, so it shows what the inventory lacks.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import yaml

from assay.adapters.digests import file_digest
from assay.adapters.discovery.finder import MODEL_SUFFIXES, SKIPPED
from assay.app.life.discovering import Trace

FILES_MAX: Final = 200_000
TEXT_BYTES_MAX: Final = 1 << 20
"""Code and manifests beyond this are no hand-written ones."""
DOCUMENTS_MAX: Final = 100

FURTHER_SUFFIXES: Final = (".bst", ".gguf", ".mlmodel", ".pb", ".tflite")
"""Models that are deployed, though nobody gates them from a repository."""

CALLS: Final = {
    "anthropic": "a hosted language model",
    "boto3.bedrock": "a hosted language model",
    "cohere": "a hosted language model",
    "google.generativeai": "a hosted language model",
    "google.genai": "a hosted language model",
    "langchain": "a language model's framework",
    "litellm": "hosted language models",
    "llama_cpp": "a local language model",
    "mistralai": "a hosted language model",
    "ollama": "a local language model",
    "openai": "a hosted language model",
    "transformers": "local models",
    "vllm": "local language models",
    "catboost": "a model in process",
    "keras": "a model in process",
    "lightgbm": "a model in process",
    "onnxruntime": "a model in process",
    "sklearn": "a model in process",
    "tensorflow": "a model in process",
    "torch": "a model in process",
    "xgboost": "a model in process",
}
"""Modules whose import means that code calls or makes models."""

SERVING_KINDS: Final = frozenset((
    "InferenceService", "InferenceGraph", "SeldonDeployment", "Model", "ServingRuntime",
    "RayService", "ClusterServingRuntime", "TrainedModel",
))  # fmt: skip
"""Kinds of Kubernetes objects that serve models."""

SYSTEM_LABEL: Final = "assay.system"
"""The label or annotation by which a deployment names its system."""

MANIFEST: Final = "assay.yaml"


def traces(folder: Path) -> Iterator[Trace]:
    """Everything in a folder that has to do with a model, by path; links are not followed."""
    for path in _files(folder):
        shown = (Path(folder.resolve().name) / path.relative_to(folder)).as_posix()
        suffix = path.suffix.lower()
        if suffix in {*MODEL_SUFFIXES, *FURTHER_SUFFIXES}:
            yield Trace(
                kind="model",
                path=shown,
                line=None,
                what=f"a model's file ({suffix})",
                digest=file_digest(path),
                system=_system_above(path, folder),
            )
        elif suffix == ".py":
            yield from _code(path, shown, folder)
        elif suffix in {".yaml", ".yml"} and path.name != MANIFEST:
            yield from _deployments(path, shown)


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not (Path(parent) / name / "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = Path(parent) / name
            count += 1
            if count > FILES_MAX:
                return
            if not name.startswith(".") and not path.is_symlink() and path.is_file():
                yield path


def _text(path: Path) -> str | None:
    """A file's text; None where it is too long or no text."""
    try:
        if path.stat().st_size > TEXT_BYTES_MAX:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _code(path: Path, shown: str, folder: Path) -> Iterator[Trace]:
    text = _text(path)
    if text is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Another's escape sequences are not ours to judge.
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    seen: set[str] = set()
    for node in ast.walk(tree):
        for module in _imported(node):
            known = next((name for name in CALLS if _within(module, name)), None)
            if known is not None and known not in seen:
                seen.add(known)
                yield Trace(
                    kind="code",
                    path=shown,
                    line=cast(ast.stmt, node).lineno,
                    what=f"imports {known}: {CALLS[known]}",
                    digest="",
                    system=_system_above(path, folder),
                )


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (item.name for item in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        yield node.module
        yield from (f"{node.module}.{item.name}" for item in node.names)


def _within(module: str, name: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def _deployments(path: Path, shown: str) -> Iterator[Trace]:
    text = _text(path)
    if text is None or "kind:" not in text:
        return
    try:
        documents = [
            document
            for document, _ in zip(yaml.safe_load_all(text), range(DOCUMENTS_MAX), strict=False)
        ]
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    for document in documents:
        if isinstance(document, dict) and document.get("kind") in SERVING_KINDS:
            found = cast(Mapping[str, Any], document)
            metadata = found.get("metadata")
            names = metadata if isinstance(metadata, dict) else {}
            yield Trace(
                kind="deployment",
                path=shown,
                line=None,
                what=f"{found['kind']} {names.get('name', '')}".strip(),
                digest="",
                system=_labelled(names),
            )


def _labelled(metadata: Mapping[str, Any]) -> str:
    for place in ("labels", "annotations"):
        found = metadata.get(place)
        if isinstance(found, dict) and isinstance(found.get(SYSTEM_LABEL), str):
            return cast(str, found[SYSTEM_LABEL])
    return ""


def _system_above(path: Path, folder: Path) -> str:
    """The system of the nearest manifest at or above a file, within the folder searched."""
    for parent in path.relative_to(folder).parents:
        text = _text(folder / parent / MANIFEST) if (folder / parent / MANIFEST).exists() else None
        if text is None:
            continue
        try:
            manifest = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError):
            return ""
        system = manifest.get("system") if isinstance(manifest, dict) else None
        name = system.get("id") if isinstance(system, dict) else None
        return name if isinstance(name, str) else ""
    return ""
