"""Checks are found by entry point or file, imported when asked for, and told apart by digest."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from assay.adapters.plugins import Catalogue, CheckFile, find_checks
from assay.errors import ConfigurationError, Span

GOOD = '''
from assay.checks.check import check
from assay.evidence.measurement import Fact


@check("churn.rows", better="higher", unit="rows")
def rows(evidence):
    """Rows."""
    return Fact(value=1)
'''


def file(tmp_path: Path, source: str, name: str = "own.py") -> CheckFile:
    path = tmp_path / name
    path.write_text(source)
    return CheckFile(file=f"checks/{name}", path=path, where=Span("assay.yaml", 9, 3))


def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> EntryPoint:
    """An importable module and the entry point that names it as the family `churn`."""
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    return EntryPoint(name="churn", value=name, group="assay.checks")


def refusal(catalogue: Catalogue, name: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        catalogue.get(name)
    return caught.value


def test_built_in_checks_come_through_the_same_entry_points() -> None:
    """The families that Assay ships are found as a user's package would be."""
    catalogue = find_checks()
    check = catalogue.get("performance.roc_auc")
    source = Path(sys.modules[check.function.__module__].__file__ or "")
    assert catalogue.provenance("performance.roc_auc") == {
        "distribution": "assay",
        "version": "0.1.0",
        "module": check.function.__module__,
        "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "revision": check.revision,
    }


def test_all_lists_every_family_in_name_order() -> None:
    """Listing imports everything; each name leads back to its check."""
    catalogue = find_checks()
    listed = catalogue.all()
    families = {name.partition(".")[0] for name in listed}
    assert families >= {"performance", "calibration", "fairness", "data", "documents"}
    assert list(listed) == sorted(listed)
    assert all(catalogue.get(name) is check for name, check in listed.items())


def test_a_family_is_imported_only_when_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that no policy names is never run."""
    entry = package(tmp_path, monkeypatch, "lazy_churn", GOOD)
    catalogue = Catalogue([entry])
    assert "lazy_churn" not in sys.modules
    assert catalogue.get("churn.rows").name == "churn.rows"
    assert "lazy_churn" in sys.modules


def test_a_file_is_run_only_when_no_package_has_the_check(tmp_path: Path) -> None:
    """A policy of built-in checks runs nothing of the repository's own."""
    broken = file(tmp_path, "raise RuntimeError('ran')")
    catalogue = find_checks([broken])
    assert catalogue.get("data.rows").name == "data.rows"
    assert refusal(catalogue, "churn.rows").code == "check.broken"


def test_a_check_of_a_file_is_pinned_by_the_bytes_that_ran(tmp_path: Path) -> None:
    """The digest is of the source that was executed, not of what stands there later."""
    own = file(tmp_path, GOOD)
    catalogue = find_checks([own])
    catalogue.get("churn.rows")
    own.path.write_text("changed = True\n")
    assert catalogue.provenance("churn.rows") == {
        "file": "checks/own.py",
        "sha256": hashlib.sha256(GOOD.encode()).hexdigest(),
        "revision": 1,
    }
    assert not list(tmp_path.glob("__pycache__"))


def test_an_unknown_check_names_the_nearest_of_any_family(tmp_path: Path) -> None:
    """A broken package does not keep a good suggestion from being made."""
    broken = EntryPoint(name="churn", value="no_such_module_at_all", group="assay.checks")
    catalogue = Catalogue([broken], [file(tmp_path, GOOD.replace("churn", "mine"))])
    error = refusal(catalogue, "mine.row")
    assert (error.code, "Did you mean 'mine.rows'?" in error.remedy) == ("check.unknown", True)
    assert refusal(catalogue, "churn.rows").code == "check.broken"


@pytest.mark.parametrize(
    ("source", "line", "column", "says"),
    [
        ("x = 1\nraise ValueError('a\\nb')\n", 2, 1, "ValueError: a b"),
        ("def broken(:\n", 1, 12, "SyntaxError"),
        ("import no_such_module_at_all\n", 1, 1, "ModuleNotFoundError"),
        ("import sys\n\nsys.exit(0)\n", 3, 1, "SystemExit: 0"),
        ("x = 1\x00\n", None, None, "null bytes"),
        (GOOD.replace("churn.rows", "Churn"), 6, 2, "'family.name'"),
        (GOOD.replace("(evidence)", "(evidence, *, by: list)"), 6, 2, "'by'"),
    ],
)
def test_a_file_that_cannot_be_imported_says_where_and_why(
    tmp_path: Path, source: str, line: int | None, column: int | None, says: str
) -> None:
    """Whatever happens inside is told with the line of the user's file; nothing escapes."""
    before = set(sys.modules)
    error = refusal(find_checks([file(tmp_path, source)]), "churn.rows")
    assert error.code == "check.broken"
    assert says in error.what
    expected = Span("checks/own.py", line, column) if line and column else Span("assay.yaml", 9, 3)
    assert error.where == expected
    left = set(sys.modules) - before
    assert not any(name.startswith("_assay_checks_") for name in left)


def test_a_broken_package_says_where_it_broke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The innermost line of real code is named, not the import machinery."""
    entry = package(tmp_path, monkeypatch, "broken_churn", "x = 1\n1 / 0\n")
    error = refusal(Catalogue([entry]), "churn.rows")
    assert (error.code, error.where) == (
        "check.broken",
        Span(str(tmp_path / "broken_churn.py"), 2, 1),
    )


def test_a_file_that_is_not_there_is_told_at_the_manifest(tmp_path: Path) -> None:
    """The place is the line that names the file."""
    gone = CheckFile(file="own.py", path=tmp_path / "own.py", where=Span("assay.yaml", 9, 3))
    error = refusal(find_checks([gone]), "churn.rows")
    assert (error.code, error.where) == ("check.broken", Span("assay.yaml", 9, 3))


def test_a_family_claimed_by_two_packages_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of two checks of one name would run must not depend on the search path."""
    first = package(tmp_path, monkeypatch, "first_churn", GOOD)
    second = package(tmp_path, monkeypatch, "second_churn", GOOD)
    assert refusal(Catalogue([first, second]), "churn.rows").code == "check.family-twice"


def test_a_file_may_not_add_to_the_family_of_a_package(tmp_path: Path) -> None:
    """What a name in a policy means is settled by its family."""
    catalogue = find_checks([file(tmp_path, GOOD.replace("churn.rows", "data.own_rows"))])
    assert refusal(catalogue, "data.own_rows").code == "check.other-family"


def test_two_files_may_not_declare_the_same_check(tmp_path: Path) -> None:
    """The second file is refused and the first named."""
    files = [file(tmp_path, GOOD), file(tmp_path, GOOD + "\n", name="other.py")]
    error = refusal(find_checks(files), "churn.rows")
    assert error.code == "check.declared-twice"
    assert "checks/own.py" in error.what
