"""The rules of tables and charts."""

from __future__ import annotations

from typing import Any

from bot.playground.records import Payload
from bot.playground.schema import Findings, Rule, anything, each, flag, integer, number, one_of, shape, string, tagged

TABLE_CHARACTERS = 10_000
DATA_TABLE_CHARACTERS = 20_000

_cell = tagged(
    {
        "raw_text": shape({"type": anything, "text": string(10_000)}),
        "raw_number": shape({"type": anything, "value": number}, {"text": string(100)}),
        "rich_text": shape({"type": anything, "elements": each(anything, 1, 100)}, {"block_id": string(255)}),
    },
    ("raw_text", "raw_number", "rich_text"),
)
_row = each(_cell, 1, 20)


def characters(value: Any) -> int:
    """How many characters of text stand inside, at any depth."""
    if isinstance(value, list):
        return sum(characters(item) for item in value)
    if isinstance(value, dict):
        return sum(
            len(item) if key == "text" and isinstance(item, str) else characters(item) for key, item in value.items()
        )
    return 0


def _fits(most: int) -> Rule:
    def check(block: Payload, pointer: str, findings: Findings) -> None:
        if characters(block["rows"]) > most:
            findings.add(f"must be less than {most + 1} characters in all", f"{pointer}/rows")
        if len({len(row) for row in block["rows"]}) > 1:
            findings.add("all rows must have the same number of cells", f"{pointer}/rows")

    return check


table = shape(
    {"type": anything, "rows": each(_row, 1, 100)},
    {
        "block_id": string(255),
        "column_settings": each(shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}), 0, 20),
    },
    _fits(TABLE_CHARACTERS),
)
data_table = shape(
    {"type": anything, "rows": each(_row, 2, 201), "caption": string(2000)},
    {"block_id": string(255), "page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
    _fits(DATA_TABLE_CHARACTERS),
)

_label = string(20)


def _positive(value: Any, pointer: str, findings: Findings) -> None:
    number(value, pointer, findings)
    if isinstance(value, int | float) and value <= 0:
        findings.add("must be greater than 0", pointer)


def _one_point_per_category(chart: Payload, pointer: str, findings: Findings) -> None:
    categories = chart["axis_config"]["categories"]
    if len(set(categories)) != len(categories):
        findings.add("categories must be unique", f"{pointer}/axis_config/categories")
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) != len(names):
        findings.add("series names must be unique", f"{pointer}/series")
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            findings.add("must have exactly one point per category", f"{pointer}/series/{index}/data")


_axes = shape(
    {
        "type": anything,
        "axis_config": shape({"categories": each(_label, 1, 20)}, {"x_label": string(50), "y_label": string(50)}),
        "series": each(shape({"name": _label, "data": each(shape({"label": _label, "value": number}), 1, 20)}), 1, 12),
    },
    {},
    _one_point_per_category,
)

_chart = tagged(
    {
        "pie": shape({"type": anything, "segments": each(shape({"label": _label, "value": _positive}), 1, 12)}),
        "bar": _axes,
        "line": _axes,
        "area": _axes,
    },
    ("pie", "bar", "line", "area"),
)
data_visualization = shape({"type": anything, "title": string(50), "chart": _chart}, {"block_id": string(255)})
