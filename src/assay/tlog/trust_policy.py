"""Trust policies: whose signatures make a checkpoint believable (C2SP tlog-policy).

A checkpoint is valid if a listed log signed it and its cosigners meet the quorum.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from assay.errors import ConfigurationError, VerificationFailed
from assay.tlog.keys import VerifierKey, parse_verifier_key

POLICY_BYTES_MAX: Final = 1 << 20

NO_QUORUM: Final = "none"

_COUNT: Final = re.compile(r"[1-9][0-9]{0,8}")


class MalformedTrustPolicy(ConfigurationError):
    """A text is not a trust policy."""

    code = "tlog.malformed-trust-policy"


class QuorumMissed(VerificationFailed):
    """Too few of the right witnesses cosigned."""

    code = "tlog.quorum-missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A log or a witness: its key, and where it is reached if the policy says so."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnesses and groups of which at least `count` must have cosigned."""

    members: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """Known logs, known witnesses, and which of them together suffice.

    Attributes:
        logs: any of them may sign.
        members: witnesses and groups, by their names in the policy.
        quorum: the name of the member that must have cosigned; None asks for no witness.
    """

    logs: tuple[Party, ...]
    members: Mapping[str, Party | Group]
    quorum: str | None

    def check(self, cosigners: Collection[VerifierKey]) -> None:
        """Return if these witnesses, whose cosignatures were verified, suffice.

        Raises:
            QuorumMissed: they do not.
        """
        if self.quorum is not None and not self._witnessed(self.quorum, cosigners):
            raise QuorumMissed(
                f"The cosigners do not meet the quorum {self.quorum!r}.",
                remedy="Ask further witnesses of the policy to cosign the checkpoint.",
            )

    def _witnessed(self, name: str, cosigners: Collection[VerifierKey]) -> bool:
        member = self.members[name]
        if isinstance(member, Party):
            return member.key in cosigners
        return sum(self._witnessed(item, cosigners) for item in member.members) >= member.count


def parse_trust_policy(data: bytes) -> TrustPolicy:
    """The policy in a file's bytes.

    Raises:
        MalformedTrustPolicy: a line is none of a policy, names what no earlier line defined,
            defines or names something twice, or the quorum is not given exactly once.
    """
    if len(data) > POLICY_BYTES_MAX:
        raise MalformedTrustPolicy(f"A trust policy of {len(data):,} bytes is too large.")
    # Names are opaque octets, of which this keeps every one apart.
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            reading.line(words)
        except ValueError as error:
            raise MalformedTrustPolicy(f"Line {number} of the trust policy: {error}") from error
        except ConfigurationError as error:
            raise MalformedTrustPolicy(
                f"Line {number} of the trust policy: {error.what}", remedy=error.remedy
            ) from error
    return reading.policy()


class _Reading:
    """A policy as far as its lines were read."""

    def __init__(self) -> None:
        self._logs: list[Party] = []
        self._members: dict[str, Party | Group] = {}
        self._grouped: set[str] = set()
        self._quorum: list[str] = []

    def line(self, words: list[str]) -> None:
        """Take in one line; ValueError and ConfigurationError say what is wrong with it."""
        if any(char < " " or char == "\x7f" for word in words for char in word):
            raise ValueError("it holds a control character.")
        match words:
            case ["log", key, *url] if len(url) < 2:
                self._logs.append(_party(key, url, self._logs))
            case ["witness", name, key, *url] if len(url) < 2:
                witnesses = [item for item in self._members.values() if isinstance(item, Party)]
                self._define(name, _party(key, url, witnesses))
            case ["group", name, count, *members] if members:
                self._define(name, self._group(count, members))
            case ["quorum", name]:
                self._known(name, or_none=True)
                self._quorum.append(name)
            case _:
                raise ValueError("it is no log, witness, group or quorum.")

    def policy(self) -> TrustPolicy:
        """The whole policy."""
        if len(self._quorum) != 1:
            raise MalformedTrustPolicy(
                f"The trust policy has {len(self._quorum)} quorum lines instead of one.",
                remedy=f"End it with `quorum NAME`, or `quorum {NO_QUORUM}`.",
            )
        (quorum,) = self._quorum
        return TrustPolicy(
            logs=tuple(self._logs),
            members=self._members,
            quorum=None if quorum == NO_QUORUM else quorum,
        )

    def _define(self, name: str, member: Party | Group) -> None:
        if name in self._members or name == NO_QUORUM:
            raise ValueError(f"the name {name!r} is taken.")
        self._members[name] = member

    def _group(self, count: str, members: list[str]) -> Group:
        for name in members:
            self._known(name, or_none=False)
            if name in self._grouped:
                raise ValueError(f"{name!r} is a member already; it counts once.")
            self._grouped.add(name)
        wanted = {"any": "1", "all": str(len(members))}.get(count, count)
        if not _COUNT.fullmatch(wanted) or int(wanted) > len(members):
            raise ValueError(f"{count!r} is not any, all, or a number of its members.")
        return Group(members=tuple(members), count=int(wanted))

    def _known(self, name: str, *, or_none: bool) -> None:
        if name not in self._members and not (or_none and name == NO_QUORUM):
            raise ValueError(f"no earlier line defines {name!r}.")


def _party(text: str, url: list[str], others: Collection[Party]) -> Party:
    key = parse_verifier_key(text)
    if any(key.public_key == other.key.public_key for other in others):
        raise ValueError("its key stands there already.")
    return Party(key=key, url="".join(url))
