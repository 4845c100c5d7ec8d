"""The zip file around an .xlsx: opened from memory, measured before anything is unpacked, never extracted to disk.

Zip bombs are recognised from the directory (sum of sizes, ratio of each part, number of parts); a directory that lies
about a size makes zipfile stop at the stated size. Names like `../../etc/passwd` are only keys of a dictionary.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from pointsbank.sheets import limits
from pointsbank.sheets.refusals import DamagedFile, ExpandsTooFar, LockedFile

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


class Archive:
    """The parts of a zip file by name. Raises DamagedFile, LockedFile, ExpandsTooFar."""

    def __init__(self, data: bytes) -> None:
        if data.count(b"PK\x01\x02") > 2 * limits.PARTS_MAX:      # told before half a million entries are listed
            raise ExpandsTooFar()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            parts = self._zip.infolist()
        except _BROKEN as broken:
            raise DamagedFile(kind=".xlsx") from broken
        if len(parts) > limits.PARTS_MAX or sum(part.file_size for part in parts) > limits.UNPACKED_BYTES_MAX:
            raise ExpandsTooFar()
        for part in parts:
            if part.file_size > limits.RATIO_FREE_BYTES and \
                    part.file_size > limits.PART_RATIO_MAX * max(part.compress_size, 1):
                raise ExpandsTooFar()
            if part.flag_bits & 1:
                raise LockedFile()
        self._parts = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in parts}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self) -> list[str]:
        return list(self._parts)

    def size(self, name: str) -> int:
        return self._parts[name.lower()].file_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A stream over one part. Raises DamagedFile when the part is missing or its bytes are broken."""
        part = self._parts.get(name.lower())
        if part is None:
            raise DamagedFile(kind=".xlsx")
        try:
            with self._zip.open(part) as stream:
                yield stream
        except _BROKEN as broken:
            raise DamagedFile(kind=".xlsx") from broken

    def read(self, name: str, limit: int = 8 * limits.MEGABYTE) -> bytes:
        """A small part whole."""
        with self.open(name) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise ExpandsTooFar()
        return content
