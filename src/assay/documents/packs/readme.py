"""The README of a pack: what it holds, in plain words, and how to check it without Assay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from assay.documents.packs.index import Pack
from assay.documents.packs.layout import (
    Audience,
    PackedEvent,
    statements_of,
)
from assay.documents.packs.words import told
from assay.governance import events

_HOLDS: Final = {
    Audience.AUDITOR: (
        "This pack is for an auditor and **confidential**: a cell of one in the tallies can point\n"
        "at a person, and people's names (`contents/profile`) and reasons are in it."
    ),
    Audience.PUBLIC: (
        "This pack is public: of tallies, people's names and their reasons it holds only the\n"
        "digests, so figures cannot be derived again from it."
    ),
}

_INCLUSION: Final = """\
import base64, hashlib, sys

sha256 = lambda data: hashlib.sha256(data).digest()
for name in sys.argv[1:]:
    entry = open(f"{name}.json", "rb").read()
    proof = open(f"{name}.tlog-proof", encoding="utf-8").read()
    head, checkpoint = proof.split("\\n\\n", 1)
    kind, index, *path = head.splitlines()
    number = name.split("/")[-1]
    assert (kind, index) == ("c2sp.org/tlog-proof@v1", f"index {number}"), name
    _, size, root = checkpoint.splitlines()[:3]
    node, last, hash = int(number), int(size) - 1, sha256(b"\\0" + entry)
    for sibling in map(base64.b64decode, path):
        if node % 2 or node == last:
            hash = sha256(b"\\1" + sibling + hash)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            hash = sha256(b"\\1" + hash + sibling)
        node, last = node // 2, last // 2
    assert last == 0 and base64.b64encode(hash).decode() == root, name
    assert checkpoint == open("checkpoint", encoding="utf-8").read(), name
"""
"""RFC 9162, section 2.1.3.2, in the standard library alone."""

_STATEMENT: Final = """\
import base64, json, sys

envelope = json.load(open(sys.argv[1]))
payload = base64.b64decode(envelope["payload"])
kind = envelope["payloadType"].encode()
signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
open("payload", "wb").write(payload)
open("signed", "wb").write(signed)
open("signature", "wb").write(base64.b64decode(envelope["signatures"][0]["sig"]))
"""
"""DSSE 1.0.2: what is signed is the pre-authentication encoding."""

_TEMPLATE: Final = """\
# Evidence pack: {system} {name}

What was recorded about version {name} of the system `{system}`, and what it takes to check
that without the program that recorded it.

{holds}

- Version digest (over its components, in entry {registered}):
  `{version}`
- Log: `{origin}`, when it had {size} entries
- The log's key:
  `{key}`

**Compare this key with one that you got by another way**: from a colleague, an earlier pack,
the web site of whoever runs the log. A key that came with the pack proves only that the pack
fits together.

## What was recorded

| entry | when (UTC) | what |
|---|---|---|
{story}

## What is here

| file | what it is |
|---|---|
| `index.json` | what is here, for programs (schema `assay.pack/1`) |
| `log.vkey`, `log.pem` | the log's Ed25519 key, as notes spell it and as `openssl` reads it |
| `checkpoint` | what the log signed: its name, size and root (C2SP tlog-checkpoint) |
| `entries/N.json` | entry N of the log, byte for byte |
| `entries/N.tlog-proof` | the proof that it is there (C2SP tlog-proof) |
| `statements/ID.dsse.json` | a signed in-toto statement; ID is the SHA-256 of its payload |
| `contents/NAME/SHA256…` | what an entry names by digest |
| `SHA256SUMS`, `SHA256SUMS.sig` | the digests of all files above, signed by the log's key |

Names of contents: {contents}.
{missing}
## Check it with Assay

```console
$ assay verify PACK.zip --key '{key}'
```

{recompute}

## Check it without Assay

You need `sha256sum`, `openssl` (3.0 or later) and `python3`, and no network. Extract the zip,
and go into the folder with this README.

**1. Nothing was changed, added or taken out** since the holder of the key packed it:

```console
$ sha256sum --check --strict --quiet SHA256SUMS
$ openssl pkeyutl -verify -pubin -inkey log.pem \\
> -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
```

`log.pem` is the key that `log.vkey` spells: these print the same 44 characters.

```console
$ openssl pkey -pubin -in log.pem -outform DER | tail -c 32 | base64
$ cut -d+ -f3- log.vkey | base64 -d | tail -c 32 | base64
```

**2. The checkpoint is signed by that key.** Signed is the text before the empty line. The
signature is the last 64 bytes of the base64 that follows the log's name:

```console
$ sed '/^$/,$d' checkpoint > signed
$ grep -F ' {origin} ' checkpoint |
> head -n 1 | cut -d' ' -f3 | base64 -d | tail -c 64 > signature
$ openssl pkeyutl -verify -pubin -inkey log.pem -rawin -in signed -sigfile signature
```

**3. Each entry is in that log.** Its hash and those in its proof lead to the root in the
checkpoint (RFC 9162, section 2.1.3.2). With this as `inclusion.py`, nothing is printed:

```python
# inclusion.py
{inclusion}```

```console
$ python3 inclusion.py $(ls entries/*.json | sed 's/\\.json$//')
```

**4. Content is what the entries name.** Each file below `contents` is called by its SHA-256,
and an entry has the same digits under `digests`:

```console
$ for file in contents/*/*; do name=${{file##*/}}; echo "${{name%%.*}}  $file"; done |
> sha256sum --check --strict --quiet
$ for file in contents/*/*; do name=${{file##*/}}
> grep -q "${{name%%.*}}" entries/*.json || exit 1; done
```
{statement}
## What this proves, and what it does not

It proves that the holder of the key committed to exactly these entries, statements and
contents, in this order, and that none of them was changed since. It does not prove that the
log has no further entry about this version (ask the log's keeper, or watch the log), that data
and scores are honest, that people are who the record says, or that the clock was right.
"""

_SIGNED: Final = """
**5. Statements are signed.** With this as `statement.py`, for the statement of entry {index}:

```python
# statement.py
{script}```

{earlier}```console
$ python3 statement.py {file}
$ openssl pkeyutl -verify -pubin -inkey {key} -rawin -in signed -sigfile signature
$ sha256sum payload
```

The last line shows the statement's id, which is the file's name and which the entry has under
`digests`; the file `payload` is the statement itself.
"""

_EARLIER: Final = """\
It was signed before the log was handed on to the key of today, by the key that an entry names
as `old`:

```console
$ (printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'
> echo '{key}' | cut -d+ -f3- | base64 -d | tail -c 32) |
> openssl pkey -pubin -inform DER -out earlier.pem
```

"""


def render_readme(pack: Pack) -> str:
    """The README in Markdown."""
    return _TEMPLATE.format(
        system=pack.system,
        name=pack.name,
        version=pack.version,
        origin=pack.checkpoint.origin,
        size=pack.checkpoint.size,
        key=pack.key,
        holds=_HOLDS[pack.audience],
        registered=_registered(pack),
        story="\n".join(map(_row, pack.entries)),
        contents=", ".join(dict.fromkeys(content.name for content in pack.contents)),
        missing=_missing(pack),
        recompute=_recompute(pack),
        inclusion=_INCLUSION,
        statement=_statement(pack),
    )


def _registered(pack: Pack) -> int:
    kinds: Mapping[int, str] = {item.index: item.event.type for item in pack.entries}
    return next(index for index, kind in kinds.items() if kind == events.VERSION_REGISTERED)


def _row(item: PackedEvent) -> str:
    return f"| {item.index} | {item.event.time:%Y-%m-%d %H:%M:%S} | {told(item.event)} |"


def _missing(pack: Pack) -> str:
    return "".join(f"\n{line}\n" for line in _absences(pack))


def _absences(pack: Pack) -> Iterator[str]:
    said = {
        "withheld": "**Kept back**, since the pack is public",
        "erased": "**Erased by right**, as an entry says",
        "absent": "**Not there any more** when this was packed, without a word of erasure",
    }
    for state, reason in said.items():
        names = [
            f"{item.name} (`{item.digest[:12]}…`)" for item in pack.contents if item.state == state
        ]
        if names:
            yield f"{reason}: {', '.join(names)}."


def _recompute(pack: Pack) -> str:
    if pack.audience is Audience.PUBLIC:
        return "An auditor's pack of the same version lets you derive every figure again, too."
    return (
        "With `--recompute` it also derives every figure, verdict and decision again, from the\n"
        "tallies and the policy in this pack."
    )


def _statement(pack: Pack) -> str:
    signed = [
        found
        for found in statements_of(pack.entries)
        if found[0].event.type != events.STATEMENT_RECEIVED
    ]
    if not signed:
        return ""
    item, _, file = signed[-1]
    earlier = next(
        (
            rotated.event.body["old"]
            for rotated in pack.entries
            if rotated.event.type == events.KEY_ROTATED and rotated.index > item.index
        ),
        None,
    )
    return _SIGNED.format(
        index=item.index,
        file=file,
        script=_STATEMENT,
        key="log.pem" if earlier is None else "earlier.pem",
        earlier="" if earlier is None else _EARLIER.format(key=earlier),
    )
