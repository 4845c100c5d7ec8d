"""Pictures of figures: in proportion, with the figures beneath, readable without colour."""

from __future__ import annotations

from datetime import date

import pytest

from pointsbank.web import charts
from pointsbank.web.charts import CategorySum, MatrixCell, MatrixRow, MonthFlow, StarColumn
from tests.pointsbank.web.sample import sample_app

YEAR = [MonthFlow(date(2026, month, 1), month * 1000, month * 500) for month in range(1, 13)]


@pytest.mark.parametrize(("largest", "top"), [(0, 100), (100, 100), (101, 200), (14600, 20000), (20001, 50000),
                                              (50001, 100000)])
def test_the_scale_ends_at_a_round_number(largest: int, top: int):
    assert charts.round_top(largest) == top


def test_bars_are_as_high_as_their_figures():
    bars, lines = charts.month_bars(YEAR)
    assert [line.value for line in lines] == [0, 10000, 20000]
    assert bars[11].earned.height == 120 and bars[11].spent.height == 60  # 120.00 of 200.00 in 200 pixels
    assert all(bar.spent.x + bar.spent.width <= 100 for bar in bars)
    assert [bar.month.month for bar in bars if not bar.minor] == [3, 6, 9, 12]


def test_an_empty_year_is_a_flat_picture_and_no_error():
    bars, lines = charts.month_bars([MonthFlow(date(2026, 1, 1), 0, 0)])
    assert bars[0].earned.height == 0 and lines[-1].value == 100
    assert charts.month_bars([])[0] == [] and charts.spark_points([]) == []


def test_the_figures_stand_beneath_the_picture():
    with sample_app().test_request_context("/"):
        drawn = charts.months_chart(YEAR, "十二个月")
    assert '<th scope="row">2026年3月</th><td class="num">30.00</td><td class="num">15.00</td>' in drawn
    assert '<th scope="row">合计</th><td class="num">780.00</td><td class="num">390.00</td>' in drawn
    assert 'aria-label="十二个月:共入账 780.00 分,兑换 390.00 分。' in drawn


def test_a_name_in_a_picture_is_text_and_nothing_else():
    with sample_app().test_request_context("/"):
        drawn = charts.bars_chart([CategorySum("<script>", 100)], "x")
    assert "&lt;script&gt;" in drawn and "<script>" not in drawn


def test_small_categories_are_added_up_as_others():
    with sample_app().test_request_context("/"):
        drawn = charts.village_year(YEAR, [CategorySum(f"第{n}类", n * 100) for n in range(1, 10)])
    assert "其他" in drawn and "6.00 分" in drawn and "第9类" in drawn and "第3类" not in drawn  # 1 + 2 + 3


def test_a_star_cell_leads_to_its_verdict_and_says_in_words_what_it_is():
    cells = (MatrixCell("yes", "/v/1"), MatrixCell("no"), MatrixCell("open", "/v/3", "等评议分"))
    row = MatrixRow("H001", "王德顺家", 1, cells)
    with sample_app().test_request_context("/"):
        drawn = charts.star_matrix([StarColumn("S01", "爱党爱国星")] * 3, [row])
    assert '<td class="yes"><a href="/v/1" title="达到">' in drawn
    assert '<span title="还没达到">' in drawn and '<span class="sr-only">等评议分</span>' in drawn


def test_a_sparkline_is_drawn_from_low_to_high():
    assert charts.spark_points([0, 5, 10]) == [(0, 28), (50, 15), (100, 2)]
    assert charts.spark_points([7]) == [(0, 28)]
