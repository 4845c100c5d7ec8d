"""The OLE2 container of old Office files: found by its first bytes, its streams read by name.

Needed to tell an old workbook from an encrypted .xlsx (also OLE2) or a Word file, and to look into the workbook's
records. Chains of sectors that run in a circle, or out of the file, end in DamagedFile.
"""

from __future__ import annotations

import struct

from pointsbank.sheets.refusals import DamagedFile

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA          # this and above are marks, no sectors


class Container:
    """Streams by name. Raises DamagedFile."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._open()
        except (struct.error, IndexError, ValueError) as broken:
            raise DamagedFile(kind=".xls") from broken

    def _open(self) -> None:
        shift, mini_shift = struct.unpack_from("<HH", self._data, 30)
        if shift not in (9, 12) or mini_shift > shift:
            raise ValueError("sector size")
        self._sector, self._mini = 1 << shift, 1 << mini_shift
        self._sectors = len(self._data) // self._sector + 1
        first_directory, = struct.unpack_from("<I", self._data, 48)
        self._mini_limit, first_mini_table = struct.unpack_from("<II", self._data, 56)
        self._table = self._sector_table()
        directory = self._chain(first_directory)
        self._entries: dict[str, tuple[int, int]] = {}
        for place in range(0, len(directory) - 127, 128):
            entry = directory[place:place + 128]
            length, kind = struct.unpack_from("<HB", entry, 64)
            start, size = struct.unpack_from("<II", entry, 116)
            if kind in (2, 5):
                name = "" if kind == 5 else entry[:max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
                self._entries.setdefault(name.lower(), (start, size))
        mini_bytes = self._chain(first_mini_table)
        self._mini_table = list(struct.unpack(f"<{len(mini_bytes) // 4}I", mini_bytes))
        start, _size = self._entries.get("", (_END, 0))
        self._mini_stream = self._chain(start)

    def _sector_table(self) -> list[int]:
        places = list(struct.unpack_from("<109I", self._data, 76))
        following, count = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, 4096)):
            if following >= _END:
                break
            more = struct.unpack_from(f"<{self._sector // 4}I", self._data, (following + 1) * self._sector)
            places.extend(more[:-1])
            following = more[-1]
        table: list[int] = []
        for place in places:
            if len(table) > self._sectors + 2 * self._sector:
                raise ValueError("a table larger than the file")
            if place < _END:
                block = self._block(place)
                table.extend(struct.unpack(f"<{len(block) // 4}I", block[:len(block) // 4 * 4]))
        return table

    def _block(self, number: int) -> bytes:
        return self._data[(number + 1) * self._sector:(number + 2) * self._sector]

    def _chain(self, sector: int) -> bytes:
        blocks: list[bytes] = []
        while sector < _END:
            if len(blocks) > self._sectors:
                raise ValueError("sectors run in a circle")
            blocks.append(self._block(sector))
            sector = self._table[sector]
        return b"".join(blocks)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def read(self, name: str) -> bytes:
        start, size = self._entries[name.lower()]
        try:
            found = self._chain(start) if size >= self._mini_limit else self._mini_chain(start)
            if len(found) < size:
                raise ValueError("the stream is cut off")
            return found[:size]
        except (IndexError, ValueError) as broken:
            raise DamagedFile(kind=".xls") from broken

    def _mini_chain(self, sector: int) -> bytes:
        blocks: list[bytes] = []
        while sector < _END:
            if len(blocks) > len(self._mini_stream) // self._mini:
                raise ValueError("sectors run in a circle")
            blocks.append(self._mini_stream[sector * self._mini:(sector + 1) * self._mini])
            sector = self._mini_table[sector]
        return b"".join(blocks)
