"""The small parts of an .xlsx: the list of sheets, the number formats, the shared texts.

Small parts go through defusedxml, the large ones through expat with any DOCTYPE refused: no entity is ever expanded
and nothing is ever fetched.
"""

from __future__ import annotations

import posixpath
import re
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pointsbank.sheets import limits
from pointsbank.sheets.archive import Archive
from pointsbank.sheets.cells import Kind
from pointsbank.sheets.number_formats import kind_of_built_in, kind_of_format
from pointsbank.sheets.refusals import DamagedFile, ExpandsTooFar, UnsafeXml

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
CHUNK = 256 * 1024


class SheetPart(NamedTuple):
    name: str
    hidden: bool
    part: str       # its name inside the archive


class Book(NamedTuple):
    """What xl/workbook.xml says."""

    sheets: list[SheetPart]
    from_1904: bool
    recalculates: bool          # "compute everything on opening": stored results are only stand-ins
    shared_texts: str | None
    styles: str | None


def read_book(archive: Archive) -> Book:
    """Raises DamagedFile, UnsafeXml."""
    main = next((target for kind, target in _relations(archive, "").values() if kind == "officeDocument"),
                "xl/workbook.xml")
    root = parse_small(archive, main)
    relations = _relations(archive, main)
    sheets = []
    for sheet in _children(root, "sheets"):
        relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        kind, target = relations.get(relation, ("", ""))
        if kind == "worksheet" and target in archive:
            hidden = sheet.get("state", "visible") != "visible"
            sheets.append(SheetPart(sheet.get("name", ""), hidden, target))
    properties = next((node for node in root if _local(node) == "workbookPr"), None)
    calculation = next((node for node in root if _local(node) == "calcPr"), None)
    by_kind = dict(relations.values())
    return Book(sheets[:limits.SHEETS_MAX], _is_on(properties, "date1904"), _is_on(calculation, "fullCalcOnLoad"),
                _present(archive, by_kind.get("sharedStrings")), _present(archive, by_kind.get("styles")))


def read_number_kinds(archive: Archive, part: str | None) -> list[Kind]:
    """For each cell style (by its position): does it show numbers as days, times, moments or numbers?"""
    if part is None:
        return []
    root = parse_small(archive, part)
    custom = {node.get("numFmtId"): node.get("formatCode", "") for node in _children(root, "numFmts")}
    kinds = []
    for style in _children(root, "cellXfs"):
        number = style.get("numFmtId", "0")
        code = custom.get(number)
        built_in = int(number) if number.isascii() and number.isdigit() else 0
        kinds.append(kind_of_format(code) if code is not None else kind_of_built_in(built_in))
    return kinds


def read_shared_texts(archive: Archive, part: str | None) -> list[str]:
    """All shared texts; phonetic guides are left out."""
    if part is None:
        return []
    if archive.size(part) > limits.SHARED_TEXT_BYTES_MAX:
        raise ExpandsTooFar()
    reader = _SharedTexts()
    with archive.open(part) as stream:
        feed_all(reader.parser, stream)
    return reader.texts


class _SharedTexts:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._inside = self._phonetic = False
        self.parser = safe_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "t":
            self._inside = not self._phonetic
        elif tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._phonetic = True

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "t":
            self._inside = False
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self.texts.append(unescape("".join(self._pieces)))

    def _characters(self, text: str) -> None:
        if self._inside:
            self._pieces.append(text)


def unescape(text: str) -> str:
    """`_x000D_` is how the format writes a character XML cannot hold."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def safe_parser() -> expat.XMLParserType:
    """An expat parser that refuses any document type declaration, and with it every entity."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(*_what: Any) -> None:
        raise UnsafeXml()

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def feed_all(parser: expat.XMLParserType, stream: IO[bytes]) -> None:
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as broken:
        raise DamagedFile(kind=".xlsx") from broken


def parse_small(archive: Archive, part: str) -> Element:
    try:
        root: Element = fromstring(archive.read(part), forbid_dtd=True)
    except DefusedXmlException as unsafe:
        raise UnsafeXml() from unsafe
    except (ParseError, ValueError, LookupError) as broken:
        raise DamagedFile(kind=".xlsx") from broken
    return root


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> (kind, name of the part). Targets outside the file are left alone."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", name + ".rels")
    if listing not in archive:
        return {}
    found = {}
    for node in parse_small(archive, listing):
        if node.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/")
        found[node.get("Id", "")] = (node.get("Type", "").rpartition("/")[2], target)
    return found


def _present(archive: Archive, part: str | None) -> str | None:
    return part if part is not None and part in archive else None


def _children(root: Element, name: str) -> list[Element]:
    return [child for node in root if _local(node) == name for child in node]


def _local(node: Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _is_on(node: Element | None, attribute: str) -> bool:
    return node is not None and node.get(attribute, "0").lower() in ("1", "true", "on")
