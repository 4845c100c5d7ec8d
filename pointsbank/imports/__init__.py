"""Spreadsheets of service hours become records: upload, columns, dry run with every bad row named, confirm.

    upload = receive_file(s, ReceiveFile(key, place, "时长.xlsx", data), by=actor, at=now)
    choose_columns(s, ChooseColumns(upload.id, {"household": 0, "name": 1, …}), by=actor, at=now)
    check_file(s, book_id, upload.id, at=now)          # dry run: nothing is stored but its findings
    import_rows(s, book_id, upload.id, at=now)         # the good rows, in portions, resumable

The file is kept sealed under a key of its own and destroyed with that key once it is imported or discarded. What a row
means is decided here; whether a deed may be recorded is decided by the records room, by the same checks for a sheet as
for one record typed by hand.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.commands import bank
from pointsbank.imports.api import blueprint
from pointsbank.imports.commands import import_hours
from pointsbank.imports.fields import FIELDS, WANTED
from pointsbank.imports.pages import pages
from pointsbank.imports.queries import ImportView, find_import, import_view, recent_imports
from pointsbank.imports.running import check_file, import_rows
from pointsbank.imports.service import ChooseColumns, ReceiveFile, choose_columns, discard_file, receive_file
from pointsbank.web.api import register_api
from pointsbank.web.menu import register_menu

__all__ = ["FIELDS", "WANTED", "ChooseColumns", "ImportView", "ReceiveFile", "check_file", "choose_columns",
           "discard_file", "find_import", "import_rows", "import_view", "receive_file", "recent_imports", "register"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    register_api(app, blueprint)
    if "import-hours" not in bank.commands:
        bank.add_command(import_hours)
    register_menu("imports.hours", _("导入时长"), "imports.home", "upload", order=12)
