"""The shipped font and the choosing of fonts."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from reports import fonts
from reports.fonts import registry
from reports.fonts.tounicode import to_unicode_cmap

# 通用规范汉字表 has 8,105 characters; these 273 of them lie outside the block U+4E00–U+9FA5, which the font
# has whole.
OUTSIDE_THE_MAIN_BLOCK = (
    "㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣"
    "䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝"
    "𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃"
    "𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹"
    "𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)


def drawn_by_the_shipped_font(text: str) -> bool:
    return fonts.runs(text) == [(fonts.FONT_NAME, text)]


def test_the_font_has_every_character_of_the_standard_table():
    assert len(OUTSIDE_THE_MAIN_BLOCK) == 273
    assert drawn_by_the_shipped_font(OUTSIDE_THE_MAIN_BLOCK)
    assert drawn_by_the_shipped_font("".join(map(chr, range(0x4E00, 0x9FA6))))


def test_the_font_has_all_of_gb_2312():
    cells = [
        bytes([row, cell]).decode("gb2312", errors="ignore")
        for row in range(0xA1, 0xF8)
        for cell in range(0xA1, 0xFF)
    ]
    assert sum(map(len, cells)) == 7445
    assert drawn_by_the_shipped_font("".join(cells).replace("　", ""))


def test_the_font_has_the_names_and_signs_of_the_villages():
    assert drawn_by_the_shipped_font("𬭎㛃·堃昇喆〇𠮷䶮镕頔−—…《》“”①★☆※×〓✓0123456789.,+")
    assert drawn_by_the_shipped_font("박영애")  # a Korean family may write its name in Hangul


def test_digits_are_all_equally_wide():
    assert len({fonts.text_width(digit, 10) for digit in "0123456789"}) == 1


def test_a_missing_character_becomes_a_mark_and_its_code_point_is_logged(caplog: pytest.LogCaptureFixture):
    registry._drawn.clear()
    with caplog.at_level(logging.WARNING):
        assert fonts.runs("王\U00030000") == [(fonts.FONT_NAME, "王〓")]
    assert "U+30000" in caplog.text


def test_a_second_font_draws_what_the_first_lacks(tmp_path: Path):
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    builder = FontBuilder(1000, isTTF=True)
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 700))
    pen.lineTo((700, 0))
    pen.closePath()
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({0x30000: "rare"})
    builder.setupGlyf({".notdef": pen.glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (700, 0), "rare": (1000, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Rare", "styleName": "Regular", "psName": "Rare-Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "rare.ttf")
    fonts.check_fonts(tmp_path / "rare.ttf")
    try:
        assert fonts.runs("王\U00030000") == [(fonts.FONT_NAME, "王"), (registry.FALLBACK_NAME, "\U00030000")]
        assert fonts.markup("<\U00030000>") == (
            f'&lt;<font name="{registry.FALLBACK_NAME}">\U00030000</font>&gt;'
        )
    finally:
        fonts.check_fonts(None)


def test_a_missing_font_file_stops_the_start_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "SHIPPED_FONT", tmp_path / "gone.ttf")
    with pytest.raises(fonts.FontMissing, match=r"gone\.ttf"):
        fonts.check_fonts()


def test_a_file_that_is_no_truetype_font_stops_the_start(tmp_path: Path):
    (tmp_path / "cff.otf").write_bytes(b"OTTO" + bytes(100))
    with pytest.raises(fonts.FontMissing, match=r"cff\.otf is not a TrueType font"):
        fonts.check_fonts(tmp_path / "cff.otf")


def test_the_font_is_read_only_when_the_first_document_is_made():
    code = (
        "import reports.fonts as f, reports.pdf; from reports.fonts import registry; f.check_fonts();"
        "assert not registry._loaded; f.runs('王'); assert registry._loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_licence_lies_beside_the_font():
    licence = (fonts.SHIPPED_FONT.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Adobe" in licence
    assert fonts.SHIPPED_FONT.stat().st_size < 20 * 1024 * 1024


def test_text_is_never_read_as_markup():
    assert fonts.markup('<b>王</b> & "3"\x00\u202e') == '&lt;b&gt;王&lt;/b&gt; &amp; "3"'


def test_the_character_map_writes_pairs_of_surrogates_in_blocks_of_a_hundred():
    stream = to_unicode_cmap("F", [0x41] * 150 + [0x2CB4E])
    assert stream.count("beginbfchar") == 2 and "100 beginbfchar" in stream and "51 beginbfchar" in stream
    assert "<96> <d872df4e>" in stream
