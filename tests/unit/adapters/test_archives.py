"""An archive has one form: what is read is what would be written, and hostile ones are refused."""

import hashlib
import io
import os
import resource
import struct
import time
import zipfile
import zlib

import pytest

from assay.adapters.archives import (
    ArchiveTooLarge,
    Limits,
    MalformedArchive,
    NameTwice,
    UnreadableArchive,
    UnsafeName,
    UnsupportedArchive,
    open_archive,
    read_archive,
    write_archive,
)
from assay.errors import InvalidArgument, VerificationFailed

FILES = {
    "README.md": b"# Hello\n",
    "a/1.json": b"{}",
    "a/empty": b"",
    "b/c/d.bin": bytes(range(256)),
}


def by_zipfile(files, *, method=zipfile.ZIP_STORED, change=None):
    """An archive as the standard library writes it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            info.external_attr = 0o100644 << 16
            if change:
                change(info)
            archive.writestr(info, data)
    return stream.getvalue()


def test_what_was_written_is_read():
    """Names, contents and order come back."""
    assert list(read_archive(write_archive(FILES)).items()) == list(FILES.items())


def test_the_same_files_give_the_same_bytes_on_every_platform():
    """The bytes are fixed: nothing in them depends on time, owner, or a compressor."""
    data = write_archive(FILES)
    assert data == write_archive(dict(FILES))
    assert hashlib.sha256(data).hexdigest().startswith("857f7e305b8048a7")


def test_the_standard_library_reads_it():
    """Others read what is written, with plain files' modes."""
    with zipfile.ZipFile(io.BytesIO(write_archive(FILES))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_what_the_standard_library_writes_in_that_form_is_read():
    """The form is a zip's, and not a private one."""
    assert dict(read_archive(by_zipfile(FILES.items()))) == FILES


def test_every_flipped_bit_is_noticed():
    """There is no bit of an archive that nobody looks at."""
    data = write_archive({"one": b"1", "two/three": b"23"})
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationFailed):
            read_archive(bytes(changed))


def test_every_cut_is_noticed():
    """No beginning of an archive is one, and nothing may follow its end."""
    data = write_archive(FILES)
    for end in range(len(data)):
        with pytest.raises(VerificationFailed):
            read_archive(data[:end])
    for more in (b"\0", data, b"PK\x05\x06"):
        with pytest.raises(MalformedArchive, match="follows"):
            read_archive(data + more)
    with pytest.raises(MalformedArchive):
        read_archive(b"#!/bin/sh\n" + data)


def test_a_damaged_file_is_named():
    """The error says which file it is."""
    data = write_archive(FILES)
    at = data.index(b"# Hello")
    with pytest.raises(MalformedArchive) as refused:
        read_archive(data[:at] + b"? Hello" + data[at + 7 :])
    assert refused.value.where == "README.md"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../outside",
        "a/../../outside",
        "a/./b",
        "./a",
        "a//b",
        "a/",
        "",
        ".hidden",
        "a/.git/config",
        "C:/windows",
        "a\\b",
        "a b",
        "nul\0byte",
        "line\nfeed",
        "ä",
        "x" * 256,
    ],
)
def test_unsafe_names_are_refused(name):
    """No name leads out of a folder, hides, or means something else to some system."""
    with pytest.raises(UnsafeName):
        read_archive(_raw(name.encode(), b""))
    with pytest.raises(InvalidArgument):
        write_archive({name: b""})


def _raw(name, content):
    """One file with whatever name, its headers consistent."""
    crc, size, length = zlib.crc32(content), len(content), len(name)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, crc, size, size, length, 0)
    head = local + name + content
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 788, 20, 0, 0, 0, 33, crc, size, size, length, 0, 0, 0, 0,
        0o100644 << 16, 0,
    )  # fmt: skip
    directory = central + name
    return (
        head
        + directory
        + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(head), 0)
    )


def test_names_that_stand_twice_are_refused():
    """Neither the same name, nor one that differs only in capitals."""
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = by_zipfile([("a", b"1"), ("a", b"2")])
    with pytest.raises(NameTwice):
        read_archive(twice)
    with pytest.raises(NameTwice):
        read_archive(by_zipfile([("A", b"1"), ("a", b"2")]))
    with pytest.raises(InvalidArgument):
        write_archive({"A": b"", "a": b""})


def test_compressed_archives_are_refused_unread():
    """A bomb is never inflated: ten million bytes in ten thousand are refused as compressed."""
    bomb = by_zipfile([("bomb", bytes(10_000_000))], method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 20_000
    with pytest.raises(UnsupportedArchive, match="compressed"):
        read_archive(bomb)


def _link(info):
    info.external_attr = 0o120777 << 16


def _comment(info):
    info.comment = b"hello"


def _extra(info):
    info.extra = struct.pack("<HH4s", 0x9999, 4, b"data")


def _dated(info):
    info.date_time = (2026, 1, 1, 0, 0, 0)


@pytest.mark.parametrize("change", [_link, _comment, _extra, _dated])
def test_anything_beyond_plain_files_is_refused(change):
    """Links, comments, extra fields and dates: an archive holds files, and nothing else."""
    with pytest.raises(VerificationFailed):
        read_archive(by_zipfile(FILES.items(), change=change))


def test_encrypted_files_are_refused():
    """Nothing asks for a password."""
    data = bytearray(write_archive(FILES))
    data[6] |= 1
    with pytest.raises(UnsupportedArchive, match="encrypted"):
        read_archive(bytes(data))


def test_headers_that_lie_about_sizes_are_refused():
    """A size beyond the archive's end is not believed, however large."""
    for size in (2, 1 << 20, 0xFFFFFFFF):
        data = bytearray(write_archive({"a": b"1"}))
        struct.pack_into("<II", data, 18, size, size)
        with pytest.raises(VerificationFailed):
            read_archive(bytes(data))


def test_a_directory_that_disagrees_is_refused():
    """Readers that believe the directory, and those that believe the headers, see the same."""
    data = write_archive({"a": b"1"})
    at = data.rindex(b"a")
    with pytest.raises(MalformedArchive, match="damaged") as refused:
        read_archive(data[:at] + b"b" + data[at + 1 :])
    assert refused.value.where == "the archive's directory"


def _zip64(size):
    """A file whose true size stands in a zip64 field, as readers of large archives expect."""

    def write(found):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in found.items():
                with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
                    file.write(content)
        data = bytearray(buffer.getvalue())
        at = data.index(struct.pack("<HH", 1, 16))  # the field's id and length
        struct.pack_into("<QQ", data, at + 4, size, size)
        return bytes(data)

    return write


def _zip64_end(found):
    """An archive with a zip64 end, whose counts the usual end leaves open."""
    data = write_archive(found)
    end = data.rindex(b"PK\x05\x06")
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**40, 2**40, 9, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    open_end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return data[:end] + record + locator + open_end


def _counts(count):
    """An end that speaks of other counts than there are."""

    def write(found):
        data = bytearray(write_archive(found))
        struct.pack_into("<HH", data, len(data) - 14, count, count)
        return bytes(data)

    return write


def _overlapping(found):
    """Two entries of the directory for one file, as quines and overlap bombs have them."""
    data = write_archive(found)
    start, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry = data[start:end]
    close = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    return data[:start] + entry * 2 + close


@pytest.mark.parametrize(
    "write",
    [_zip64(2**40), _zip64(1), _zip64_end, _counts(0), _counts(0xFFFF), _overlapping],
    ids=["zip64-size", "zip64-true", "zip64-end", "no-count", "giant-count", "overlap"],
)
def test_tricks_with_sizes_and_counts_are_refused(write):
    """Whatever an archive says of itself, it is read as what its first bytes are, or not at all."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(VerificationFailed):
        read_archive(write({"a": b"1"}))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10 << 10


def test_as_many_files_as_may_be_are_read_in_little_time():
    """Twenty thousand names cost a pass over them, not one for each."""
    many = write_archive({f"f{number}": b"" for number in range(20_000)})
    started = time.process_time()
    assert len(read_archive(many)) == 20_000
    assert time.process_time() - started < 5
    with pytest.raises(InvalidArgument):
        write_archive({f"f{number}": b"" for number in range(20_001)})


def test_limits_bound_what_is_read():
    """Too many bytes or files are refused, each before it is read."""
    many = write_archive({f"f{number}": b"" for number in range(11)})
    with pytest.raises(ArchiveTooLarge, match="10 files"):
        read_archive(many, limits=Limits(files_max=10))
    with pytest.raises(ArchiveTooLarge, match="100 bytes"):
        read_archive(many, limits=Limits(bytes_max=100))


def test_a_file_that_is_no_archive(tmp_path):
    """What is absent, a folder, or something else is refused with its place."""
    with pytest.raises(UnreadableArchive, match="No such file"):
        open_archive(tmp_path / "absent.zip")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnreadableArchive, match="not a file"):
            open_archive(path)
    (tmp_path / "empty.zip").write_bytes(b"")
    with pytest.raises(MalformedArchive, match="not a zip"):
        open_archive(tmp_path / "empty.zip")
    (tmp_path / "good.zip").write_bytes(write_archive(FILES))
    assert dict(open_archive(tmp_path / "good.zip")) == FILES
    with pytest.raises(ArchiveTooLarge):
        open_archive(tmp_path / "good.zip", limits=Limits(bytes_max=10))
