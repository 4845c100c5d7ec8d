"""How much of a file is read at most. Every limit is a refusal with advice, never a silent cut."""

from __future__ import annotations

from typing import Final

MEGABYTE: Final = 1024 * 1024

BYTES_MAX: Final = 50 * MEGABYTE             # the upload itself
UNPACKED_BYTES_MAX: Final = 400 * MEGABYTE   # sum of all parts of an .xlsx; 200,000 rows x 12 columns need about 120
PART_RATIO_MAX: Final = 200                  # unpacked : packed of one part; honest sheets reach about 30
RATIO_FREE_BYTES: Final = 2 * MEGABYTE       # below this size no ratio is judged: a small sheet may pack very well
PARTS_MAX: Final = 2_000                     # files inside one .xlsx
SHARED_TEXT_BYTES_MAX: Final = 96 * MEGABYTE  # the one part of an .xlsx that must be held in memory
MERGED_BLOCKS_MAX: Final = 50_000
SHEETS_MAX: Final = 256
ROWS_MAX: Final = 200_000                    # rows that hold something
COLUMNS_MAX: Final = 256
TEXT_MAX: Final = 32_767                     # what a spreadsheet cell can hold
HEADER_ROWS_SEARCHED: Final = 10
NAME_MAX: Final = 50
