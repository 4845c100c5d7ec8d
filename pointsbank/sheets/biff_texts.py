"""Texts in the records of an old workbook: one or two bytes a character, and cut anywhere by CONTINUE records."""

from __future__ import annotations

import struct

_WIDE, _ASIAN, _RICH = 0x01, 0x04, 0x08


class Segments:
    """The bodies of a record and of the CONTINUE records behind it, read as one. Raises struct.error at the end."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies = bodies
        self._body = 0
        self._place = 0

    def at_end(self) -> bool:
        self._go_on()
        return self._body >= len(self._bodies)

    def text(self, length_bytes: int = 2) -> str:
        """A text with its length and flags in front; formatting runs and phonetic guides are passed over."""
        length = int.from_bytes(self._take(length_bytes), "little")
        flags = self._take(1)[0]
        runs = int.from_bytes(self._take(2), "little") if flags & _RICH else 0
        guides = int.from_bytes(self._take(4), "little") if flags & _ASIAN else 0
        units = self._characters(length, bool(flags & _WIDE))
        self._take(4 * runs + guides)
        return units.decode("utf-16-le", "replace")

    def _characters(self, count: int, wide: bool) -> bytes:
        """UTF-16 units. A new segment begins with a flag byte of its own: the width may change inside a text."""
        found = []
        while count:
            body = self._bodies[self._body] if self._body < len(self._bodies) else b""
            size = 2 if wide else 1
            here = min(count, (len(body) - self._place) // size)
            piece = body[self._place:self._place + here * size]
            found.append(piece if wide else piece.decode("latin-1").encode("utf-16-le"))
            self._place += here * size
            count -= here
            if count:
                self._body, self._place = self._body + 1, 0
                wide = bool(self._take(1)[0] & _WIDE)
        return b"".join(found)

    def _take(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            self._go_on()
            if self._body >= len(self._bodies):
                raise struct.error("a text runs out of its record")
            body = self._bodies[self._body]
            piece = body[self._place:self._place + count - len(found)]
            self._place += len(piece)
            found += piece
        return found

    def _go_on(self) -> None:
        while self._body < len(self._bodies) and self._place >= len(self._bodies[self._body]):
            self._body, self._place = self._body + 1, 0


def read_text(body: bytes, place: int = 0, length_bytes: int = 2) -> str:
    """One text inside one record."""
    return Segments([body[place:]]).text(length_bytes)


def read_shared_texts(bodies: list[bytes]) -> list[str]:
    """All shared texts (the SST record with its continuations). Raises struct.error where they are broken."""
    if not bodies:
        return []
    segments = Segments([bodies[0][8:], *bodies[1:]])
    texts = []
    while not segments.at_end():
        texts.append(segments.text())
    return texts
