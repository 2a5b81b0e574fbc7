"""Every built-in check is documented, in its docstring and so on its family's page.

The part of docs/checks/<family>.md that lists the checks follows from their docstrings;
`make golden` writes it anew.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.adapters.plugins import find_checks
from assay.checks.check import Check, Parameter

PAGES = Path(__file__).resolve().parents[2] / "docs" / "checks"
BEGIN = "<!-- From the code: `make golden` writes this part anew. -->\n"
END = "<!-- End of what follows from the code. -->\n"

CHECKS = find_checks().all()
FAMILIES = sorted({name.partition(".")[0] for name in CHECKS})
SECTIONS = ("Formula", "Source", "Undefined", "Tallies")
BETTER = {"higher": "higher", "lower": "lower", "true": "it must hold"}


def sections(check: Check) -> dict[str, str]:
    """The docstring's sections, each as one line; parameters by name."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in check.documentation.splitlines()[1:]:
        head = re.match(r"([A-Z][a-z]+):(.*)", line)
        argument = re.match(r"    (\w+): (.*)", line) if current.startswith("Args") else None
        if head:
            current = head[1]
            found[current] = [head[2].strip()]
        elif argument:
            current = f"Args.{argument[1]}"
            found[current] = [argument[2]]
        elif line.strip() and current:
            found[current].append(line.strip())
    return {name: " ".join(lines).strip() for name, lines in found.items()}


def entry(check: Check) -> Iterator[str]:
    """A check's part of its family's page."""
    said = sections(check)
    yield f"### {check.name}\n"
    yield f"{check.summary}\n"
    for name in SECTIONS:
        yield f"- **{name}**: {said[name]}"
    yield f"- **Better**: {BETTER[check.better]}"
    kind = "an estimate with bounds" if check.statistical else "a fact, without bounds"
    yield f"- **Figure**: {check.unit}; {kind}"
    for parameter in check.parameters.values():
        yield f"- `{parameter.name}` ({default(parameter)}): {said[f'Args.{parameter.name}']}"
    yield ""


def default(parameter: Parameter) -> str:
    """What a parameter is where the policy does not say."""
    if parameter.required:
        return "required"
    if parameter.default in ((), ""):
        return "default: empty"
    if parameter.default is None:
        return "default: none"
    value = str(parameter.default).lower() if isinstance(parameter.default, bool) else None
    return f"default: {value or parameter.default}"


def generated(family: str) -> str:
    """The part of a family's page that follows from the code."""
    return "\n".join(
        line
        for name, check in CHECKS.items()
        if name.partition(".")[0] == family
        for line in entry(check)
    )


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_says_formula_source_undefined_and_tallies(name: str):
    """So that a reader can check the figure, and knows when there is none."""
    check = CHECKS[name]
    said = sections(check)
    assert check.summary.endswith("."), "the first line is a sentence"
    for section in SECTIONS:
        assert len(said.get(section, "")) >= 5, f"{name} does not say its {section}"
    documented = {key.removeprefix("Args.") for key in said if key.startswith("Args.")}
    taken = set(inspect.signature(check.function).parameters)
    assert documented == (taken if check.parameters else set())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_page_of_a_family_lists_its_checks(family: str, request: pytest.FixtureRequest):
    """The page and the docstrings are of one mind."""
    path = PAGES / f"{family}.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert END in rest, f"{path.name} has no generated part"
    wanted = f"{before}{BEGIN}\n{generated(family)}\n{END}{after}"
    if request.config.getoption("--regenerate"):
        path.write_text(wanted, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == wanted, "Review the change, then `make golden`."


def test_every_page_is_of_a_family():
    """No page speaks of a family that does not exist."""
    assert {path.stem for path in PAGES.glob("*.md")} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_page_calls_a_check_is_one(family: str):
    """A name in the hand-written part that looks like a check's exists."""
    text = (PAGES / f"{family}.md").read_text(encoding="utf-8")
    pattern = rf"`((?:{'|'.join(FAMILIES)})\.[a-z0-9_]+)`"
    assert {name for name in re.findall(pattern, text) if name not in CHECKS} == set()
