"""Archives and packs: every bit counts, and nothing hostile gets more than a located refusal."""

from __future__ import annotations

import contextlib
import json
import random
import re
import resource
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packed import (
    VERIFIER,
    Files,
    a_pack,
    a_rich_pack,
    canonical_json,
    payload_of,
    reforged,
    resealed,
    statement_file,
)

from assay.adapters.archives import Limits, read_archive, write_archive
from assay.adapters.plugins import find_checks
from assay.adapters.project import RecordedTexts
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.documents.packs.layout import SIGNATURE, SUMS, Audience
from assay.errors import AssayError, VerificationFailed
from assay.governance import events

names = st.lists(
    st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,8}", fullmatch=True), min_size=1, max_size=3
).map("/".join)
files = st.dictionaries(names, st.binary(max_size=40), min_size=1, max_size=6).filter(
    lambda found: len({name.lower() for name in found}) == len(found)
)


@given(files)
def test_archives_read_back(found):
    """Whatever files there are, they come back in their order, from bytes that are fixed."""
    data = write_archive(found)
    again = read_archive(data)
    assert list(again.items()) == list(found.items())
    assert write_archive(again) == data


@given(files, st.data())
def test_other_bytes_are_another_archive_or_none(found, data):
    """Cut, doubled or overwritten at will: refused, or read as what it then says."""
    whole = write_archive(found)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    altered = whole[:start] + data.draw(st.binary(max_size=30)) + whole[end:]
    try:
        read = read_archive(altered)
    except VerificationFailed:
        return
    assert write_archive(read) == altered


@given(st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
def test_noise_is_refused(noise):
    """Bytes that only begin as an archive does are refused, with the family's error."""
    with pytest.raises(VerificationFailed):
        read_archive(noise, limits=Limits(bytes_max=1 << 10, files_max=3))


def everything(found: Mapping[str, bytes]) -> None:
    """Verify a pack and derive all of it again."""
    pack = verify_pack(found, verifiers=[VERIFIER])
    recompute_pack(
        found,
        pack,
        verifiers=[VERIFIER],
        texts=RecordedTexts(),
        catalogue=find_checks(),
    )


def flipped(data: bytes, bit: int) -> bytes:
    altered = bytearray(data)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)


def _flip_bits_of_the_zip(bits: int) -> None:
    whole = write_archive(a_pack())
    draw = random.Random(3)
    for bit in draw.sample(range(len(whole) * 8), bits):
        with pytest.raises(VerificationFailed) as found:
            verify_pack(read_archive(flipped(whole, bit)), verifiers=[VERIFIER])
        assert found.value.where is not None


def _flip_bits_of_files(bits: int) -> None:
    """In a zip whose own checksums are right again, the file itself is named."""
    pack = a_pack()
    draw = random.Random(4)
    for name, data in pack.items():
        for bit in draw.sample(range(len(data) * 8), min(bits, len(data) * 8)):
            with pytest.raises(VerificationFailed) as found:
                verify_pack({**pack, name: flipped(data, bit)}, verifiers=[VERIFIER])
            assert found.value.where in _named_for(name), (name, bit)


def _named_for(name: str) -> set[str]:
    """The files at which a change of one is noticed: itself, or what it is compared with."""
    if name == "log.vkey":
        return {"log.vkey", "log.pem"}
    # The list is read before the signature over it, and names what it no longer fits.
    return {"SHA256SUMS"} if name.startswith("SHA256SUMS") else {name}


def test_flipped_bits_of_a_zip_are_noticed():
    """Bits drawn from the whole zip, headers and directory included."""
    _flip_bits_of_the_zip(400)


def test_a_rich_pack_is_right_and_every_file_of_it_counts():
    """Received statements with their proofs, provenance, tombstones."""
    pack = a_rich_pack()
    everything(pack)
    draw = random.Random(5)
    for name, data in pack.items():
        changed = {**pack, name: flipped(data, draw.randrange(len(data) * 8))}
        with pytest.raises(VerificationFailed):
            verify_pack(changed, verifiers=[VERIFIER])


def test_flipped_bits_of_files_are_noticed_there():
    """Bits drawn from each file."""
    _flip_bits_of_files(4)


@pytest.mark.slow
def test_many_flipped_bits_are_noticed():
    """The same for many more."""
    _flip_bits_of_the_zip(10_000)
    _flip_bits_of_files(200)


odd = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.sampled_from([0, -1, 2**53 - 1, "", "0", "NaN", "inf", "-0", "1e999", "0" * 64]),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value within a JSON value."""
    found = [way]
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*way, step))
    return found


def edited(value: Any, data: st.DataObject) -> Any:
    """The value with one inner value replaced, removed, or added to."""
    *way, last = data.draw(st.sampled_from(places(value)[1:] or [()])) or [None]
    place = value
    for step in way:
        place = place[step]
    if last is None:
        return data.draw(odd)
    if data.draw(st.booleans()):
        place[last] = data.draw(odd)
    else:
        del place[last]
    return value


def _public() -> Files:
    return a_pack(Audience.PUBLIC)


def _hostile(data: st.DataObject) -> Files:
    """A pack by a hostile holder of the key: something in it says something odd."""
    pack = data.draw(st.sampled_from([a_rich_pack, a_pack, _public]))()
    entries = [name for name in pack if re.fullmatch(r"entries/[0-9]+\.json", name)]
    index = int(data.draw(st.sampled_from(entries)).split("/")[1].removesuffix(".json"))
    statement = statement_file(pack, index)
    contents = (name for name in pack if name.startswith("contents/") and name.endswith(".json"))
    name = data.draw(
        st.sampled_from(sorted([f"entries/{index}.json", *contents, statement]))
        if statement in pack
        else st.sampled_from(sorted([f"entries/{index}.json", *contents]))
    )
    value = payload_of(pack, index) if name == statement else json.loads(pack[name])
    return reforged(pack, {name: canonical_json(edited(value, data))})


def _refuse_or_accept(data: st.DataObject) -> None:
    hostile = _hostile(data)
    with contextlib.suppress(AssayError):
        everything(hostile)


@settings(max_examples=150)
@given(st.data())
def test_hostile_packs_get_an_error_of_the_family(data):
    """Odd values anywhere in entries, statements and contents: no crash, whatever they are."""
    _refuse_or_accept(data)


def test_lists_where_text_belongs_get_an_error_of_the_family():
    """Whatever an entry says of itself may be a list, which is no key and no name."""
    pack, refused = a_rich_pack(), 0
    for file in (name for name in pack if re.fullmatch(r"entries/[0-9]+\.json", name)):
        told = json.loads(pack[file])
        for name in told["body"]:
            hostile = {**told, "body": {**told["body"], name: []}}
            try:
                everything(reforged(pack, {file: canonical_json(hostile)}))
            except AssayError:
                refused += 1
    assert refused > len(events.SHAPES)


@pytest.mark.slow
@settings(max_examples=3_000)
@given(st.data())
def test_many_hostile_packs_get_an_error_of_the_family(data):
    """The same for many more."""
    _refuse_or_accept(data)


@settings(max_examples=60)
@given(st.data())
def test_files_of_noise_get_an_error_with_a_place(data):
    """Any file replaced by noise, and signed as if it were right."""
    pack = a_pack()
    # Whatever its holder signed as README is the README: nothing else says what it should be.
    name = data.draw(st.sampled_from(sorted(set(pack) - {"README.md", SUMS, SIGNATURE})))
    noise = data.draw(st.binary(max_size=60))
    with pytest.raises(AssayError) as found:
        everything(resealed({**pack, name: noise}))
    assert found.value.where is not None


@pytest.mark.parametrize(
    "name", ["entries/5.json", "entries/5.tlog-proof", "checkpoint", "log.vkey", "index.json"]
)
def test_large_and_deep_files_cost_little_memory(name):
    """Megabytes of brackets, lines or digits in the place of a file are not taken apart."""
    for noise in (b"[" * (1 << 21), b"\n" * (4 << 20), b"0" * (4 << 20)):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(AssayError):
            everything(resealed({**a_pack(), name: noise}))
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10
