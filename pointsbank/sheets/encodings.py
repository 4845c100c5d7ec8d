"""Which encoding a text file has, told by its bytes.

Order: byte order marks; UTF-16 without one (its zero bytes); UTF-8; GB18030, which holds GBK and GB2312. Plain GBK is
never assumed: decoding as GB18030 reads it all and keeps rare characters (𬭎, 㛃). A file that is nearly all good
UTF-8 but broken in one place is refused by line, not turned into nonsense by trying GB18030.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from pointsbank.sheets.refusals import NotATable, UnknownEncoding

_MARKS = ((codecs.BOM_UTF8, "UTF-8", "utf-8"), (codecs.BOM_UTF32_LE, "UTF-32LE", "utf-32-le"),
          (codecs.BOM_UTF32_BE, "UTF-32BE", "utf-32-be"), (codecs.BOM_UTF16_LE, "UTF-16LE", "utf-16-le"),
          (codecs.BOM_UTF16_BE, "UTF-16BE", "utf-16-be"))
_BINARY = re.compile("[\0-\x08\x0e-\x19\x1b-\x1f]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_COMMON_GBK_LEAD = range(0xB0, 0xF8)       # GB2312's own characters


class Encoding(NamedTuple):
    name: str         # for people: 'GB18030'
    codec: str        # for Python
    mark_bytes: int   # length of the byte order mark to skip


def encoding_of(data: bytes) -> Encoding:
    """Checked over the whole file. Raises NotATable for binary, UnknownEncoding with the line."""
    for mark, name, codec in _MARKS:
        if data.startswith(mark):
            _refuse_binary_text(_strict(data[len(mark):], codec))
            return Encoding(name, codec, len(mark))
    if b"\0" in data[:4096]:
        return _wide(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as broken:
        _refuse_binary_text(_chinese(data, broken))
        return Encoding("GB18030", "gb18030", 0)
    if _is_really_gbk(data, text):
        return Encoding("GB18030", "gb18030", 0)
    _refuse_binary_text(text)
    return Encoding("UTF-8", "utf-8", 0)


def lines_of(data: bytes, encoding: Encoding) -> Iterator[str]:
    """The lines with their ends (CRLF, LF or CR), decoded as they are asked for."""
    stream = io.BytesIO(data)
    stream.seek(encoding.mark_bytes)
    with io.TextIOWrapper(stream, encoding.codec, newline="") as text:
        yield from text


def _wide(data: bytes) -> Encoding:
    """UTF-16 without a mark: ASCII separators and line ends have their zero byte on one side only."""
    sample = data[:65536]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if len(data) % 2 or min(even, odd) * 10 > max(even, odd):
        raise NotATable(kind={"zh": "二进制数据", "en": "binary data"})
    try:
        _refuse_binary_text(data.decode(codec))
    except UnicodeDecodeError as broken:
        raise NotATable(kind={"zh": "二进制数据", "en": "binary data"}) from broken
    return Encoding("UTF-16LE" if codec == "utf-16-le" else "UTF-16BE", codec, 0)


def _chinese(data: bytes, broken: UnicodeDecodeError) -> str:
    lenient = data.decode("utf-8", "replace")
    lost = lenient.count("\ufffd")
    if len(_HAN.findall(lenient)) > 20 * lost:          # UTF-8 with an accident in it
        raise UnknownEncoding(line=_line(data, broken.start))
    return _strict(data, "gb18030")


def _is_really_gbk(data: bytes, text: str) -> bool:
    """A few short GBK texts are also well-formed UTF-8, but of Greek and Arabic letters without any Chinese."""
    others = _NOT_ASCII.findall(text)
    if not others or len(others) > 2000 or _HAN.search(text):
        return False
    try:
        characters = _NOT_ASCII.findall(data.decode("gb18030"))
    except UnicodeDecodeError:
        return False
    codes = [character.encode("gb18030") for character in characters]
    return all(len(code) == 2 and code[0] in _COMMON_GBK_LEAD for code in codes)


def _strict(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as broken:
        _refuse_binary(data)
        raise UnknownEncoding(line=_line(data, broken.start)) from broken


def _refuse_binary(data: bytes) -> None:
    sample = data[:65536]
    strange = sum(sample.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32), 127))
    if strange * 100 > len(sample):
        raise NotATable(kind={"zh": "二进制数据", "en": "binary data"})


def _refuse_binary_text(text: str) -> None:
    strange = len(_BINARY.findall(text[:65536]))
    if strange > 2 and strange * 200 > min(len(text), 65536):
        raise NotATable(kind={"zh": "二进制数据", "en": "binary data"})


def _line(data: bytes, place: int) -> int:
    before = data[:place]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
