"""Expressions in CEL, by Google's implementation: the one module that knows of it.

Source: the Common Expression Language specification (cel.dev); cel-expr-python 0.1.3.

Its traps, all closed before anything is evaluated or here:

- an evaluation that fails is a value, of type ERROR, which is not false in Python: only a BOOL
  that is True is true;
- `true || missing` is true: `policy.expressions.evaluated` refuses to evaluate without every
  datum that is read, and what is read is proved by compiling against exactly those names;
- `!(x > 0.1)` is true where x is NaN: data are finite, and what could make a NaN of finite
  data (a division, a conversion, an overflow) does not compile here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assay.errors import ConfigurationError, Span, suggest
from assay.policy.expressions import (
    CONSTANTS,
    MAGNITUDE_MAX,
    Datum,
    ExpressionFailed,
    Kind,
    Variables,
)

LENGTH_MAX: Final = 2000
"""Characters of an expression."""

PRODUCTS_MAX: Final = 8
"""Products in one expression: so many numbers within MAGNITUDE_MAX cannot overflow a double."""

FUNCTIONS: Final = frozenset(
    {
        "all",
        "contains",
        "endsWith",
        "exists",
        "exists_one",
        "filter",
        "map",
        "matches",
        "size",
        "startsWith",
    }
)
"""The functions and macros that may be called: none of them makes a number of what is none."""

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>0x[0-9a-fA-F]+u?|[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?u?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_ERROR: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD: Final = re.compile(
    r"found no matching overload for '([^']+)' applied to '\(?([^)]*)\)?'"
)
_SYNTAX: Final = re.compile(r"Syntax error: (.*?)(?: expecting .*)?$")


class UnusableExpression(ConfigurationError):
    """An expression that does not mean anything true or false.

    Attributes:
        line, column: where in the expression, from 1.
    """

    code = "policy.expression"

    def __init__(
        self,
        what: str,
        *,
        remedy: str,
        line: int = 1,
        column: int = 1,
        where: Span | None = None,
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class CelProgram:
    """A compiled expression (`policy.expressions.Program`)."""

    text: str
    reads: frozenset[str]
    compiled: Any

    def evaluate(self, data: Mapping[str, Datum]) -> bool:
        """Whether it holds; anything but a truth raises ExpressionFailed."""
        cel = _cel()
        values = {name: _value(datum) for name, datum in data.items()}
        try:
            result = self.compiled.eval(data=values)
        except RuntimeError as error:
            # Such as the budget of iterations, which bounds what an evaluation may cost.
            raise ExpressionFailed(_said(str(error))) from error
        if result.type() != cel.Type.BOOL:
            raise ExpressionFailed(_said(str(result.value())))
        return result.value() is True


def compile_expression(text: str, variables: Variables) -> CelProgram:
    """Compile an expression over declared, typed variables.

    Args:
        text: the expression.
        variables: what it may read.

    Raises:
        UnusableExpression: it does not parse, reads what is not declared, mixes types, is not
            true or false, always has the same value, or could have no value for finite data.
    """
    cel = _cel()
    if len(text) > LENGTH_MAX:
        raise UnusableExpression(
            f"The expression has {len(text):,} characters; at most {LENGTH_MAX:,} are read.",
            remedy="Make several requirements of it.",
        )
    tokens = list(_tokens(text))
    _check_tokens(tokens)
    chains = list(_chains(tokens))
    _compiled(cel, text, variables, chains)  # for its complaints: every variable is declared
    reads = frozenset(name for chain in chains if (name := _longest(chain, variables)))
    if not reads - set(CONSTANTS):
        raise UnusableExpression(
            "The expression reads nothing, so it always has the same value.",
            remedy="Name a variable, such as `tier >= HIGH`.",
        )
    exactly = {name: variables[name] for name in reads}
    compiled = _compiled(cel, text, exactly, chains)
    if compiled.return_type() != cel.Type.BOOL:
        raise UnusableExpression(
            f"The expression is {_type_words(compiled.return_type().name())}, not true or false.",
            remedy="Compare it with something.",
        )
    return CelProgram(text=text, reads=reads, compiled=compiled)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Chain:
    """Names joined by dots, as a variable or a member is written; without a function's name."""

    names: tuple[str, ...]
    line: int
    column: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    line, start = 1, 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), token, line, found.start() - start + 1)
        if "\n" in token:
            line += token.count("\n")
            start = found.start() + token.rindex("\n") + 1


def _check_tokens(tokens: list[_Token]) -> None:
    """Refuse whatever could make no number, or infinity, of finite data."""
    products = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.kind == "sign" and token.text in "/%":
            raise _at(
                token,
                "The expression divides: a division by zero has no value.",
                "Multiply the other side instead: `a > 1.5 * b`, not `a / b > 1.5`.",
            )
        products += token.text == "*"
        if products > PRODUCTS_MAX:
            raise _at(
                token,
                f"The expression has more than {PRODUCTS_MAX} products.",
                "Make several requirements of it.",
            )
        if token.kind == "number" and abs(_number(token.text)) > MAGNITUDE_MAX:
            raise _at(token, f"{token.text} is beyond 1e15.", "Write a smaller number.")
        if before is not None and token.kind == "string" and _adjoins(before, token):
            raise _at(
                token,
                "The expression has text that is raw, in bytes, or in triple quotes.",
                "Write plain text in quotes, with a backslash before what would end it.",
            )
        if before is not None and token.text == "(" and before.kind == "name":
            _check_call(before)


def _check_call(name: _Token) -> None:
    if name.text not in FUNCTIONS and name.text != "in":
        raise _at(
            name,
            f"The expression calls `{name.text}`, which it cannot.",
            suggest(name.text, FUNCTIONS, otherwise=f"It can call {', '.join(sorted(FUNCTIONS))}."),
        )


def _adjoins(before: _Token, token: _Token) -> bool:
    """Whether a string follows a name or a string without anything between."""
    touches = before.line == token.line and before.column + len(before.text) == token.column
    return touches and before.kind in {"name", "string"}


def _number(text: str) -> float:
    plain = text.rstrip("u")
    return float(int(plain, 16)) if plain.startswith("0x") else float(plain)


def _at(token: _Token, what: str, remedy: str) -> UnusableExpression:
    return UnusableExpression(what, remedy=remedy, line=token.line, column=token.column)


def _chains(tokens: list[_Token]) -> Iterator[_Chain]:
    position = 0
    while position < len(tokens):
        first = tokens[position]
        if first.kind != "name":
            position += 1
            continue
        last = position
        while (
            last + 2 < len(tokens)
            and tokens[last + 1].text == "."
            and tokens[last + 2].kind == "name"
        ):
            last += 2
        names = [token.text for token in tokens[position : last + 1 : 2]]
        called = last + 1 < len(tokens) and tokens[last + 1].text == "("
        end = tokens[last].column + len(tokens[last].text)
        yield _Chain(tuple(names[:-1] if called else names), first.line, first.column, end)
        position = last + 1


def _longest(chain: _Chain, variables: Variables) -> str | None:
    """The variable that a chain reads: the longest declared name that it begins with."""
    for length in range(len(chain.names), 0, -1):
        name = ".".join(chain.names[:length])
        if name in variables:
            return name
    return None


def _compiled(cel: Any, text: str, variables: Variables, chains: list[_Chain]) -> Any:
    kinds = {
        Kind.TRUTH: cel.Type.BOOL,
        Kind.WHOLE: cel.Type.INT,
        Kind.NUMBER: cel.Type.DOUBLE,
        Kind.TEXT: cel.Type.STRING,
        Kind.TEXTS: cel.Type.List(cel.Type.STRING),
    }
    try:
        environment = cel.NewEnv(variables={name: kinds[kind] for name, kind in variables.items()})
        return environment.compile(text)
    except RuntimeError as error:
        raise _refusal(str(error), variables, chains) from error


def _refusal(message: str, variables: Variables, chains: list[_Chain]) -> UnusableExpression:
    found = _ERROR.search(message)
    if found is None:
        return UnusableExpression(
            f"The expression cannot be read: {_said(message)}.", remedy="Simplify it."
        )
    line, column, said = int(found[1]), int(found[2]), found[3]
    undeclared = _UNDECLARED.search(said)
    if undeclared:
        return _unknown(undeclared[1], line, column, variables, chains)
    overload = _OVERLOAD.search(said)
    if overload:
        return UnusableExpression(
            f"`{overload[1].strip('_')}` is applied to {_type_words(overload[2])}.",
            remedy="Write numbers with a fraction where the other side has one: 1.0, not 1."
            if {"double", "int"} <= set(re.split(r",\s*", overload[2]))
            else "Compare like with like; tiers are LOW, MEDIUM, HIGH, CRITICAL and PROHIBITED.",
            line=line,
            column=column,
        )
    syntax = _SYNTAX.search(said)
    return UnusableExpression(
        f"The expression cannot be read: {syntax[1] if syntax else said}.",
        remedy="Mend it there; what it may say is that of CEL, the Common Expression Language.",
        line=line,
        column=column,
    )


def _unknown(
    name: str, line: int, column: int, variables: Variables, chains: list[_Chain]
) -> UnusableExpression:
    """A variable that does not exist, at the place where its name begins."""
    for chain in chains:
        if chain.line == line and chain.column <= column < chain.end and chain.names:
            name, column = ".".join(chain.names), chain.column
    # A requirement's "approval-gap" is written approval_gap: its hyphen would subtract.
    begun = next((item for item in sorted(variables) if item.startswith(f"{name}_")), name)
    return UnusableExpression(
        f"There is no variable `{name}` here.",
        remedy=suggest(
            begun,
            variables,
            otherwise="The guide on writing policies lists what an expression may read.",
        ),
        line=line,
        column=column,
    )


def _type_words(types: str) -> str:
    """CEL's names of types in words."""
    words = {
        "bool": Kind.TRUTH.value,
        "int": Kind.WHOLE.value,
        "double": Kind.NUMBER.value,
        "string": Kind.TEXT.value,
        "list(string)": Kind.TEXTS.value,
    }
    listed = [words.get(item.lower(), item.lower()) for item in re.split(r",\s*", types)]
    return " and ".join(listed)


def _cel() -> Any:
    """The engine, loaded by policies with expressions alone."""
    from cel_expr_python import cel  # type: ignore[import-untyped]

    return cel


def _value(datum: Datum) -> object:
    return list(datum) if isinstance(datum, tuple) else datum


def _said(message: str) -> str:
    """The first line of a message, without the code that stands around it."""
    return message.partition("\n")[0].strip()[:200]
