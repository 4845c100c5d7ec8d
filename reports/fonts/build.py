"""Rebuild the shipped font from its source package. Only needed when the font itself should change.

    python -m pip download --no-deps noto-cjk-sans-otc==0.0.1
    python -m reports.fonts.build noto_cjk_sans_otc-0.0.1-py3-none-any.whl

Why a build at all: reportlab embeds TrueType outlines ("glyf") only, and Noto Sans CJK is published with
PostScript outlines ("CFF"). The script takes the Simplified Chinese face of the collection, keeps every
character it can type (nothing is cut: a surname that is rare today is on a household card tomorrow), drops
the alternate glyphs no character leads to and the layout tables reportlab never reads, and turns the curves
into quadratic ones. About 40 s and 700 MB of memory; the result is the same bytes every time.

The Open Font License lets us change and ship it under another name, with the licence beside it (OFL.txt).
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph

PACKAGE = "noto-cjk-sans-otc 0.0.1"
WHEEL_SHA256 = "44596df7f0c1590cb9c4cfe85b9213b7e91e1086a8a024f1a05df6d6badd33ec"
MEMBER = "noto_cjk_sans_otc/NotoSansCJK-Regular.ttc"
LICENCE_MEMBER = "noto_cjk_sans_otc-0.0.1.dist-info/licenses/LICENSE"
SIMPLIFIED_CHINESE = 2  # the face's place in the collection: JP, KR, SC, TC, HK, then the Mono faces
FAMILY = "Points Bank Sans SC"
POSTSCRIPT_NAME = "PointsBankSansSC-Regular"
MAX_ERROR = 1  # of 1000 units per em: invisible in print
NOTICE = f"""{POSTSCRIPT_NAME}.ttf is Noto Sans CJK SC Regular (from the package {PACKAGE})
with its outlines converted to TrueType and its alternate glyphs and layout tables removed; the script
beside it does it. © 2014-2021 Adobe (http://www.adobe.com/). Noto is a trademark of Google Inc.

"""
TARGET = Path(__file__).parent / f"{POSTSCRIPT_NAME}.ttf"
LICENCE = Path(__file__).parent / "OFL.txt"


def build(wheel: Path, target: Path = TARGET) -> None:
    """Write the TrueType font made from the Simplified Chinese face inside `wheel`."""
    blob = wheel.read_bytes()
    found = hashlib.sha256(blob).hexdigest()
    if found != WHEEL_SHA256:
        raise SystemExit(f"{wheel} is not {PACKAGE}: sha256 {found}, expected {WHEEL_SHA256}")
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        collection, licence = archive.read(MEMBER), archive.read(LICENCE_MEMBER)
    font = TTFont(io.BytesIO(collection), fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    keep_what_can_be_typed(font)
    to_quadratic_outlines(font)
    rename(font)
    font.save(target)
    LICENCE.write_text(NOTICE + licence.decode("utf-8"), encoding="utf-8", newline="\n")


def keep_what_can_be_typed(font: Any) -> None:
    """Drop glyphs that no character leads to, and tables for typesetting engines we do not use."""
    options = subset.Options(
        layout_features=[],
        name_IDs=["*"],
        notdef_outline=True,
        hinting=False,
        glyph_names=False,
        legacy_cmap=False,
        drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=list(font.getBestCmap()))
    subsetter.subset(font)


def to_quadratic_outlines(font: Any) -> None:
    """Replace CFF by glyf, glyph for glyph, keeping order and widths."""
    glyphs: dict[str, Glyph] = {}
    source = font.getGlyphSet()
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(source)
        source[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    del font["CFF "]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), glyphs
    font["head"].glyphDataFormat = 0
    limits = newTable("maxp")
    limits.tableVersion, limits.numGlyphs = 0x00010000, len(glyphs)
    for field in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
        "maxComponentDepth",
        "maxPoints",
        "maxContours",
        "maxCompositePoints",
        "maxCompositeContours",
    ):
        setattr(limits, field, 0)
    limits.maxZones = 1
    font["maxp"] = limits
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 3, [], {}
    font.sfntVersion = "\x00\x01\x00\x00"


def rename(font: Any) -> None:
    """Give the changed font its own name (OFL), keep copyright and licence records."""
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 7, 8, 9, 11, 13, 14)]
    for name_id, text in (
        (1, FAMILY),
        (2, "Regular"),
        (3, f"{POSTSCRIPT_NAME}; from {PACKAGE}"),
        (4, FAMILY),
        (5, font_version(font)),
        (6, POSTSCRIPT_NAME),
    ):
        names.setName(text, name_id, 3, 1, 0x409)


def font_version(font: Any) -> str:
    return f"Version {font['head'].fontRevision:.3f}; outlines converted to TrueType"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    build(Path(sys.argv[1]))
