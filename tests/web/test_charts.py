"""The geometry of charts: inside the picture, true to the figures, gaps where nothing is known."""

from __future__ import annotations

import pytest

from app.web import charts


def test_bars_share_the_width_and_the_highest_reaches_the_top() -> None:
    low, high = charts.bars([("80", 1), ("90", 3)])
    assert (low.percent, high.percent) == (25, 75)
    assert (high.y, high.y + high.height) == (charts.BAR_TOP, charts.BAR_FLOOR)
    assert low.height == pytest.approx(high.height / 3)
    assert low.x + low.width < high.x < high.x + high.width <= charts.WIDTH
    assert (low.is_high, high.is_high) == (False, True)


def test_nothing_counted_draws_nothing() -> None:
    assert charts.bars([("80", 0)]) == charts.stack([]) == []


def test_stack_fills_the_width_with_gaps_of_two() -> None:
    pieces = charts.stack([("Blues", 2), ("Pop", 1), ("Soul", 1)])
    assert pieces[-1].x + pieces[-1].width == pytest.approx(charts.WIDTH)
    assert pieces[1].x - (pieces[0].x + pieces[0].width) == pytest.approx(2)
    assert [piece.percent for piece in pieces] == [50, 25, 25]


def test_curve_leaves_a_gap_where_a_value_is_unknown() -> None:
    drawn = charts.curve([90, 100, None, 95])
    assert (drawn.low, drawn.high) == (90, 100)
    assert drawn.path.count("M") == 2
    assert [value for _, _, value in drawn.dots] == [90, 100, 95]
    assert drawn.dots[0][:2] == (0, charts.BAR_TOP + 108)
    assert drawn.dots[1][1] == charts.BAR_TOP


def test_curve_keeps_inside_a_given_scale() -> None:
    drawn = charts.curve([60, 150], low=80, high=120)
    assert [y for _, y, _ in drawn.dots] == [charts.BAR_TOP + 108, charts.BAR_TOP]


def test_curve_of_nothing_or_of_one_value_does_not_fail() -> None:
    assert charts.curve([]).path == ""
    assert len(charts.curve([96.0]).dots) == 1
