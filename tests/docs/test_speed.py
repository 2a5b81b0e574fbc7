"""The page on speed says what was measured, and what was measured keeps its bars."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from benchmarks.scale import BAR_MIB, MILLIONS, PAGE, PART, PLOT, Point, plot, row, table

POINTS = [
    Point(rows=size * 1_000_000, seconds=0.1 * size, cpu=0.2 * size, memory_mib=130, file_mib=size)
    for size in MILLIONS
]


def published() -> list[list[float]]:
    """The numbers of the page's table, row by row."""
    part = PART.search(PAGE.read_text(encoding="utf-8"))
    assert part
    lines = [line for line in part[2].splitlines() if line.startswith("| ")][1:]
    return [
        [float(cell.replace(",", "")) for cell in line.strip("| ").split("|")] for line in lines
    ]


def test_a_hundred_million_rows_are_counted_in_bounded_memory_and_linear_time():
    """Every size is there; memory stays below 2 GiB; from 10 million on no row costs more CPU."""
    rows = published()
    assert [line[0] for line in rows] == [size * 1e6 for size in MILLIONS]
    assert all(line[5] < BAR_MIB for line in rows)
    per_row = [line[4] / line[0] for line in rows if line[0] >= 10e6]
    assert max(per_row) < 1.2 * per_row[0]


def test_the_plot_shows_every_point():
    """As well-formed SVG with words for who cannot see it."""
    for text in (PLOT.read_text(encoding="utf-8"), plot(POINTS)):
        root = Xml.fromstring(text)
        assert len(root.findall(".//{*}circle")) == len(MILLIONS)
        told = root.findtext("{*}desc") or ""
        assert "100,000,000 rows in" in told


def test_a_point_is_one_row_of_the_table():
    """In the order of the columns."""
    assert row(POINTS[3]) == "| 10,000,000 | 10 | 1.00 | 100 | 2.0 | 130 |"
    assert table(POINTS).count("\n| ") == len(POINTS) + 1
