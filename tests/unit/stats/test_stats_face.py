"""The public face of `assay.stats`: complete, documented, and cheap to import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from assay import stats


def test_importing_the_face_loads_neither_numpy_nor_scipy() -> None:
    """A name loads its module when it is first used."""
    program = (
        "import sys, assay.stats; "
        "heavy = {'numpy', 'scipy', 'duckdb'} & set(sys.modules); "
        "assert not heavy, heavy; "
        "assay.stats.Errors; assay.stats.holm_error; assay.stats.units_lacking; "
        "assert not {'numpy', 'scipy'} & set(sys.modules); "
        "assay.stats.largest_difference; assert 'numpy' in sys.modules; "
        "assert 'scipy.stats' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", stats.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    """Each name resolves, and everything callable says what it is."""
    value = getattr(stats, name)
    assert name in dir(stats)
    if callable(value):
        assert inspect.getdoc(value)


@pytest.mark.parametrize(
    "name", [n for n in stats.__all__ if n[0].islower() and n not in {"holm_error", "reliability"}]
)
def test_every_function_names_its_source(name: str) -> None:
    """A formula names its paper, unless it only applies another function here."""
    documentation = inspect.getdoc(getattr(stats, name)) or ""
    assert (
        "Source:" in documentation
        or "see " in documentation
        or "sources" in documentation
        or (name in {"increasing", "units_lacking", "units_to_pass", "units_per_group"})
    )


def test_names_that_do_not_exist_raise() -> None:
    """A misspelt name is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no attribute 'wilson'"):
        _ = stats.wilson
