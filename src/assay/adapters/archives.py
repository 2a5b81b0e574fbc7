"""Zip archives in one form only: stored files, fixed metadata, nothing that can mean two things.

The same files in the same order always give the same bytes, on every platform: nothing is
compressed (compressors differ), and times, owners and modes are constants. What is read must
have exactly that form, so an archive that was read is one that this module would write. That
alone rules out what hostile archives are made of: data before, between or after the files,
headers that contradict each other, links, encryption, and small archives of huge content.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from assay.errors import ConfigurationError, InvalidArgument, VerificationFailed

ARCHIVE_BYTES_MAX: Final = 1 << 30
FILES_MAX: Final = 20_000
NAME_LENGTH_MAX: Final = 255

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
"""Relative, without a part that begins with a dot; nothing that a file system reads otherwise."""

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_LOCAL_SIGNATURE: Final = b"PK\x03\x04"
_CENTRAL_SIGNATURE: Final = b"PK\x01\x02"
_END_SIGNATURE: Final = b"PK\x05\x06"

_VERSION: Final = 20
_MADE_BY: Final = 3 << 8 | _VERSION
"""Unix, so that the mode below is what an extractor gives a file."""
_MODE: Final = 0o100644 << 16
_TIME, _DATE = 0, 1 << 5 | 1
"""1980-01-01 00:00, the earliest that the format can say."""
_DIRECTORY: Final = "the archive's directory"


class MalformedArchive(VerificationFailed):
    """Bytes are not an archive in the one form that is read."""

    code = "archive.malformed"


class ArchiveTooLarge(VerificationFailed):
    """An archive exceeds the bounds within which it is read."""

    code = "archive.too-large"


class UnsafeName(VerificationFailed):
    """A file's name could lead out of the folder into which someone extracts it."""

    code = "archive.unsafe-name"


class NameTwice(VerificationFailed):
    """Two files of an archive have one name, or names that some file systems hold for one."""

    code = "archive.name-twice"


class UnsupportedArchive(VerificationFailed):
    """An archive is compressed, encrypted, or in another way more than stored files."""

    code = "archive.unsupported"


class UnreadableArchive(ConfigurationError):
    """A file that was named as an archive cannot be read."""

    code = "archive.unreadable"


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds within which an archive is read."""

    bytes_max: int = ARCHIVE_BYTES_MAX
    files_max: int = FILES_MAX


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The archive of some files, in their order.

    Raises:
        InvalidArgument: a name is not one that `read_archive` reads, or there is too much.
    """
    try:
        _check_names(list(files))
        _check_size(sum(map(len, files.values())), len(files), Limits())
    except VerificationFailed as error:
        raise InvalidArgument(f"These files do not go into an archive: {error}") from error
    return b"".join(piece for _, piece in _pieces(files))


def open_archive(path: Path, *, limits: Limits | None = None) -> Mapping[str, bytes]:
    """The files of an archive on disk, in their order; see `read_archive`.

    Raises:
        UnreadableArchive: the file is not there or may not be read.
        VerificationFailed: it is not an archive in the one form.
    """
    limits = limits or Limits()
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(path, "it is not a file")  # A pipe would never end.
        with path.open("rb") as stream:
            data = stream.read(limits.bytes_max + 1)
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error
    return read_archive(data, limits=limits)


def read_archive(data: bytes, *, limits: Limits | None = None) -> Mapping[str, bytes]:
    """The files of an archive that `write_archive` wrote, in their order.

    Takes one pass over the bytes, and memory for them and one file's copy beside them.

    Raises:
        ArchiveTooLarge: more bytes or files than the limits.
        UnsafeName: a name is absolute, leads upwards, or has characters that names here have not.
        NameTwice: a name is there twice, capitals apart.
        UnsupportedArchive: compressed, encrypted, split, or of more than 4 GiB.
        MalformedArchive: any other byte is not what `write_archive` would have written.
    """
    limits = limits or Limits()
    _check_size(len(data), 0, limits)
    places = _places(data, limits)
    _check_names(list(places))
    files = Archive(data, places)
    offset = 0
    for where, piece in _pieces(files):
        if not data.startswith(piece, offset):
            raise MalformedArchive(
                "The archive is damaged or was written by another program.",
                where=where,
                remedy="Get the file again as it was made; do not pack it anew.",
            )
        offset += len(piece)
    if offset != len(data):
        raise MalformedArchive("Something follows the archive's end.", where=f"byte {offset}")
    return files


class _Header(NamedTuple):
    """The fields before a file's content."""

    signature: bytes
    version: int
    flags: int
    method: int
    time: int
    date: int
    checksum: int
    packed: int
    size: int
    name_length: int
    extra_length: int


class Archive(Mapping[str, bytes]):
    """Files within an archive's bytes; each is copied out when it is asked for."""

    def __init__(self, data: bytes, places: Mapping[str, tuple[int, int]]) -> None:
        self._data = data
        self._places = places

    def __getitem__(self, name: str) -> bytes:
        """The content of the file of that name."""
        start, end = self._places[name]
        return self._data[start:end]

    def __iter__(self) -> Iterator[str]:
        """The names in the archive's order."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many files there are."""
        return len(self._places)


def _pieces(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The bytes of the archive piece by piece, each with the file or part that it belongs to."""
    directory: list[bytes] = []
    offset = 0
    for name in files:
        content, spelled = files[name], name.encode("ascii")
        common = (_TIME, _DATE, zlib.crc32(content), len(content), len(content), len(spelled), 0)
        header = _LOCAL.pack(_LOCAL_SIGNATURE, _VERSION, 0, 0, *common) + spelled
        yield name, header
        yield name, content
        directory.append(
            _CENTRAL.pack(
                _CENTRAL_SIGNATURE, _MADE_BY, _VERSION, 0, 0, *common, 0, 0, 0, _MODE, offset
            )
            + spelled
        )
        offset += len(header) + len(content)
    for piece in directory:
        yield _DIRECTORY, piece
    size, count = sum(map(len, directory)), len(directory)
    yield _DIRECTORY, _END.pack(_END_SIGNATURE, 0, 0, count, count, size, offset, 0)


def _places(data: bytes, limits: Limits) -> dict[str, tuple[int, int]]:
    """Where the content of each file lies, by what the headers before them say."""
    places: dict[str, tuple[int, int]] = {}
    offset = 0
    while data[offset : offset + 4] == _LOCAL_SIGNATURE:
        where = f"byte {offset}"
        if len(data) - offset < _LOCAL.size:
            raise MalformedArchive("The archive ends within a header.", where=where)
        header = _Header._make(_LOCAL.unpack_from(data, offset))
        _check_form(header, where)
        start = offset + _LOCAL.size + header.name_length
        name = data[offset + _LOCAL.size : start].decode("ascii", "replace")
        if start + header.size > len(data):
            raise MalformedArchive("The archive ends within a file.", where=where)
        if name in places:
            raise NameTwice("The archive has the file twice.", where=name)
        places[name] = (start, start + header.size)
        _check_size(0, len(places), limits)
        offset = start + header.size
    if not places:
        raise MalformedArchive("The file is not a zip archive of files.", where="byte 0")
    return places


def _unreadable(path: Path, why: str) -> UnreadableArchive:
    return UnreadableArchive(
        f"The archive cannot be read: {why}.", where=str(path), remedy="Check the path."
    )


def _check_form(header: _Header, where: str) -> None:
    if header.flags & 1:
        raise UnsupportedArchive("A file in the archive is encrypted.", where=where)
    if header.method or header.packed != header.size:
        raise UnsupportedArchive(
            "A file in the archive is compressed.",
            where=where,
            remedy="Get the file as it was made, and do not pack it anew: packs are stored.",
        )
    if header.flags or header.extra_length:
        raise UnsupportedArchive("A file's header has more than the simplest fields.", where=where)


def _check_names(names: list[str]) -> None:
    folded: dict[str, str] = {}
    for name in names:
        if len(name) > NAME_LENGTH_MAX or not _NAME.fullmatch(name):
            where = repr(name[:NAME_LENGTH_MAX])
            raise UnsafeName("It is no name of a file in an archive of ours.", where=where)
        other = folded.setdefault(name.lower(), name)
        if other != name:
            raise NameTwice(f"To some file systems it is the same file as {other!r}.", where=name)


def _check_size(size: int, count: int, limits: Limits) -> None:
    if size > limits.bytes_max:
        raise ArchiveTooLarge(
            f"The archive has more than {limits.bytes_max:,} bytes.",
            where=f"byte {limits.bytes_max}",
        )
    if count > limits.files_max:
        raise ArchiveTooLarge(
            f"The archive has more than {limits.files_max:,} files.",
            where=f"file {limits.files_max + 1}",
        )
