"""The map from a PDF's glyph numbers back to characters, so that text can be copied, searched and read aloud.

    >>> "<05> <d872df4e>" in to_unicode_cmap("F", [0x41] * 5 + [0x2CB4E])
    True

Replaces reportlab's own, which writes `<2CB4E>` where the format asks for UTF-16 (a pair of surrogates), and
puts more than the allowed 100 entries into one block.
"""

from __future__ import annotations

from collections.abc import Sequence

BLOCK = 100  # entries the format allows per beginbfchar

HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo
<< /Registry (Adobe)
/Ordering (UCS)
/Supplement 0
>> def
/CMapName /{name} def
/CMapType 2 def
1 begincodespacerange
<00> <FF>
endcodespacerange"""
TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


def to_unicode_cmap(fontname: str, subset: Sequence[int]) -> str:
    """The ToUnicode stream of one subset: byte i stands for the character subset[i]."""
    lines = [HEAD.format(name=fontname)]
    for start in range(0, len(subset), BLOCK):
        block = subset[start : start + BLOCK]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{start + i:02X}> <{utf16_hex(code)}>" for i, code in enumerate(block)]
        lines.append("endbfchar")
    return "\n".join([*lines, TAIL])


def utf16_hex(code: int) -> str:
    """0x41 -> '0041', 0x2CB4E -> 'd872df4e'. A lone surrogate or nothing at all becomes U+FFFD."""
    return chr(code if not 0xD800 <= code <= 0xDFFF else 0xFFFD).encode("utf-16-be").hex()
