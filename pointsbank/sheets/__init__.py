"""Spreadsheets in and out, and nothing else: no database, no web, no clock. Bytes in, typed records out.

Reading an upload::

    book = open_workbook(data, "服务时长.xlsx")          # type judged by content; refusals are FileRefused errors
    header = find_header(book, wanted)                    # within the first ten rows, two levels joined
    columns = guess_mapping(header.names, wanted)         # field -> 0-based column
    for row in data_rows(book, header):                   # streams; may be walked again
        if row.problem is not None:                       # a stray quote, too many columns: report, never import
            ...
        minutes = parse_minutes(row.cell(columns["minutes"]), unit=unit_of_header(header.names[columns["minutes"]]))
        if minutes.ok: minutes.value, minutes.notices     # else minutes.problem: code, facts, address, zh, en

`book.survey` tells what to show before importing (hidden rows and columns, merged blocks, encoding, 1904 days);
`book.skipped_hidden_sheets` the sheets passed over. An empty cell is a problem with the code 'blank'
(`parsed.is_blank`): the caller knows which columns may be empty.

Writing: `write_xlsx`, `write_csv`; what they write, `open_workbook` reads back unchanged.

Cells keep what the file said (`Kind`, `Mark`); what a cell *means* is decided by a parser, never by the reader.
Numbers are exact: `floats.py` is the one place of the project where a float arrives.
"""

from pointsbank.sheets.cells import Cell, Kind, Mark, Row, Value, column_index, column_letters
from pointsbank.sheets.csv_writer import write_csv
from pointsbank.sheets.header import Header, clean_header, data_rows, find_header, guess_mapping, unit_of_header
from pointsbank.sheets.parse_codes import parse_barcode, parse_code
from pointsbank.sheets.parse_contacts import IdNumber, parse_id_number, parse_phone
from pointsbank.sheets.parse_days import parse_day, parse_moment
from pointsbank.sheets.parse_names import parse_name
from pointsbank.sheets.parse_numbers import parse_number
from pointsbank.sheets.parse_times import parse_minutes, parse_time
from pointsbank.sheets.problems import Notice, Parsed, Problem
from pointsbank.sheets.refusals import FileRefused, NoHeader, TextNotWritable
from pointsbank.sheets.sources import SheetName, Survey
from pointsbank.sheets.workbook import Workbook, open_workbook, safe_filename
from pointsbank.sheets.xlsx_writer import write_xlsx

__all__ = [
    "Cell", "FileRefused", "Header", "IdNumber", "Kind", "Mark", "NoHeader", "Notice", "Parsed", "Problem", "Row",
    "SheetName", "Survey", "TextNotWritable", "Value", "Workbook", "clean_header", "column_index", "column_letters",
    "data_rows", "find_header", "guess_mapping", "open_workbook", "parse_barcode", "parse_code", "parse_day",
    "parse_id_number", "parse_minutes", "parse_moment", "parse_name", "parse_number", "parse_phone", "parse_time",
    "safe_filename", "unit_of_header", "write_csv", "write_xlsx",
]
