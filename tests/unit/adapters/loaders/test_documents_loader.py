"""Documents: YAML and Markdown to a mapping with a digest; absent ones to nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assay.adapters.loaders.documents import load_documents, parse_document
from assay.adapters.loaders.manifest import parse_manifest
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span
from assay.governance.manifest import Manifest

MANIFEST = """\
assay: 1
system: {id: s, purpose: p, owner: o, tier: low}
version: {kind: binary-classifier, model: m}
data:
  evaluation:
    {path: d.csv, label: y, score: p, decision: {favourable_when: ">", threshold: 0.5}}
policy: p.yaml
documents: {model_card: card.md}
monitoring: monitoring.yaml
"""

CARD = """\
---
model_details:
  name: credit
version: 4.2.0
---
# A model card

Some words before any section.

## Intended use

Loans of up to 5,000 EUR,
to private people. <!-- not a word of
this comment counts -->

### Users

Case workers.

```python
## not a heading
```

## Caveats & recommendations ##

# Another part

Not in a section.
"""


def document(text: str, file: str) -> dict[str, object]:
    return dict(parse_document(Written(file=file, source=text.encode())).content)


def test_markdown_sections_are_keys_and_paragraphs_are_values() -> None:
    """Front matter and second-level headings make the mapping; nothing else counts."""
    assert document(CARD, "card.md") == {
        "model_details": {"name": "credit"},
        "version": "4.2.0",
        "intended_use": [
            "Loans of up to 5,000 EUR,\nto private people.",
            "Case workers.",
            "```python\n## not a heading\n```",
        ],
        "caveats_recommendations": [],
    }


def test_markdown_needs_no_front_matter() -> None:
    """A plain Markdown card is a card."""
    assert document("## Metrics\nAUC 0.8\n", "card.md") == {"metrics": ["AUC 0.8"]}
    assert document("---\n---\n## Metrics\nAUC\n", "card.md") == {"metrics": ["AUC"]}
    assert document("", "card.md") == {}


def test_yaml_is_read_with_its_1_2_scalars() -> None:
    """A country code is text in documents too."""
    assert document("factors: {country: NO}\n", "card.yaml") == {"factors": {"country": "NO"}}


@pytest.mark.parametrize(
    ("text", "file", "code", "line"),
    [
        ("a: [\n", "card.yaml", "yaml.malformed", 2),
        ("---\na: 1\n", "card.md", "document.front-matter", 1),
        ("---\na: 1\na: 2\n---\n", "card.md", "yaml.duplicate-key", 3),
        ("---\nmetrics: x\n---\n\n## Metrics\n", "card.md", "document.duplicate-section", 5),
        ("## A\n\n## A\n", "card.md", "document.duplicate-section", 3),
        ("a\x00", "card.md", "text.encoding", 1),
    ],
)
def test_a_malformed_document_is_refused_where_it_is(
    text: str, file: str, code: str, line: int
) -> None:
    """A document that is there and cannot be read is never taken for absent."""
    with pytest.raises(ConfigurationError) as caught:
        document(text, file)
    assert caught.value.code == code
    assert isinstance(caught.value.where, Span)
    assert caught.value.where.line == line


def test_other_formats_are_refused() -> None:
    """What cannot be checked is not taken for a card."""
    with pytest.raises(ConfigurationError) as caught:
        document("x", "card.docx")
    assert caught.value.code == "document.format"


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return parse_manifest(Written(file="assay.yaml", source=MANIFEST.encode()), folder=tmp_path)


def test_documents_that_exist_are_loaded_with_bytes_and_digest(
    manifest: Manifest, tmp_path: Path
) -> None:
    """An absent document is simply not among them, so that its check can say so."""
    source = b"watch: everything\n"
    (tmp_path / "monitoring.yaml").write_bytes(source)
    found = load_documents(manifest, folder=tmp_path)
    assert set(found) == {"monitoring"}
    content, kept = found["monitoring"]
    assert (content.path, kept) == ("monitoring.yaml", source)
    assert content.digest == hashlib.sha256(source).hexdigest()


def test_a_document_that_is_a_folder_is_an_error(manifest: Manifest, tmp_path: Path) -> None:
    """What is there and no file is told at the line that names it."""
    (tmp_path / "card.md").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        load_documents(manifest, folder=tmp_path)
    assert (caught.value.code, caught.value.where) == (
        "file.unreadable",
        Span("assay.yaml", 8, 25),
    )


def test_a_link_made_after_the_manifest_was_read_does_not_lead_outside(
    manifest: Manifest, tmp_path: Path
) -> None:
    """The path is resolved again when it is opened."""
    (tmp_path / "card.md").symlink_to("/etc/hostname")
    with pytest.raises(ConfigurationError) as caught:
        load_documents(manifest, folder=tmp_path)
    assert caught.value.code == "path.outside"
