"""Colours are chosen so that old eyes can read them: computed from the style sheet itself."""

from __future__ import annotations

import re

import pytest

from pointsbank.web.assets import HERE

SHEET = (HERE / "css" / "tokens.css").read_text().split("[data-view")[0]
TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", SHEET))
TEXT = 450  # hundredths: 4.50, WCAG AA for text
EDGE = 300  # for the edges of fields and drawn marks

WRITTEN = [("ink", ground) for ground in ("snow", "paper", "pine-soft", "corn-soft", "sorghum-soft", "sky-soft")] + [
    ("ink-soft", "snow"), ("ink-soft", "paper"), ("ink-soft", "pine-soft"), ("pine", "snow"), ("pine", "paper"),
    ("pine", "pine-soft"), ("pine-deep", "pine-soft"), ("pine-deep", "snow"), ("on-pine", "pine"),
    ("on-pine", "pine-deep"), ("on-pine-soft", "pine-deep"), ("corn-deep", "corn-soft"), ("corn-deep", "paper"),
    ("sorghum", "paper"), ("sorghum", "snow"), ("sorghum", "sorghum-soft"), ("sky", "sky-soft"), ("sky", "paper"),
    ("ink-soft", "sorghum-soft")]
DRAWN = [("edge", "paper"), ("edge", "snow"), ("focus", "paper"), ("focus", "snow"), ("corn", "pine-deep"),
         ("corn-deep", "corn")]


def luminance(colour: str) -> float:
    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(int(colour[at:at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> int:
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return int((light + 0.05) / (dark + 0.05) * 100)


@pytest.mark.parametrize(("ink", "ground"), WRITTEN)
def test_text_can_be_read_on_its_ground(ink: str, ground: str):
    assert contrast(ink, ground) >= TEXT


@pytest.mark.parametrize(("line", "ground"), DRAWN)
def test_edges_and_marks_can_be_seen(line: str, ground: str):
    assert contrast(line, ground) >= EDGE


def test_colours_are_named_in_one_file_only():
    loose = {path.name for path in (HERE / "css").glob("*.css") if path.name not in ("tokens.css", "print.css")
             and re.search(r"#[0-9a-f]{3,8}\b(?![^{]*\{)", path.read_text())}
    assert not loose
