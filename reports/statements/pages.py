"""/audit/statements/<household>: the statement as page, PDF, spreadsheet; /me/statement.pdf for one's own household."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, current_app, render_template, request
from marshmallow import ValidationError

from pointsbank import clock
from pointsbank.access import Actor, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, NotFound
from pointsbank.people import household_cards
from pointsbank.web import language
from reports.downloads import CSV, PDF, XLSX, download, paper_address
from reports.statements.proving import sealed_position
from reports.statements.queries import POWER
from reports.statements.records import StatementData
from reports.statements.schemas import AskStatementSchema
from reports.statements.service import AskStatement, ask_statement, print_statement, statement_of
from reports.statements.sheet import statement_csv, statement_xlsx

pages = Blueprint("statements", __name__, template_folder="templates")
FORMATS = "any(pdf, xlsx, csv)"


def question() -> AskStatement:
    """What the address asks for, in the page's language. Raises BadInput with the field."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    given.setdefault("lang", language())
    try:
        asked: AskStatement = AskStatementSchema().load(given)
    except ValidationError as wrong:
        field = next(iter(wrong.messages_dict))
        raise BadInput(field, "请写成 2026-03-05 这样的日期,或从日历里选。",
                       "Write the day like 2026-03-05, or pick it from the calendar.") from wrong
    return asked


@pages.get("/audit/statements/<code>")
@needs(POWER)
def show(code: str) -> str:
    """The statement on screen, with its period to choose and its papers to fetch."""
    data = ask_statement(db.session(), code, question(), by=current_actor(), at=clock.now())
    period = {"from": data.start, "to": data.end, "place": data.place_code}
    return render_template("statements/show.html", data=data, period=period)


@pages.get(f"/audit/statements/<code>.<{FORMATS}:kind>")
@needs(POWER)
def fetch(code: str, kind: str) -> Response:
    by = current_actor()
    data = ask_statement(db.session(), code, for_paper(question(), kind, by), by=by, at=clock.now())
    return as_file(data, kind, by)


@pages.get("/me/statement.pdf")
@needs("me.view")
def mine() -> Response:
    """The statement of the household that is signed in."""
    return own("pdf")


@pages.get("/me/statement.<any(xlsx, csv):kind>")
@needs("me.view")
def own(kind: str) -> Response:
    """The same as a spreadsheet."""
    by = current_actor()
    asked = for_paper(question(), kind, by)
    home = household_cards(db.session(), by.book_id, [by.household_id] if by.household_id else [])
    if by.household_id not in home:
        raise NotFound("household")
    return as_file(statement_of(db.session(), home[by.household_id], asked, by=by, at=clock.now()), kind, by)


def for_paper(asked: AskStatement, kind: str, by: Actor) -> AskStatement:
    """A paper is read from what was sealed and signed just before, so that its proofs show the same."""
    if kind != "pdf":
        return asked
    keys_dir = current_app.extensions["settings"].keys_dir
    return replace(asked, position=sealed_position(db.session(), keys_dir, by.book_id, at=clock.now()))


def as_file(data: StatementData, kind: str, by: Actor) -> Response:
    """A statement as the file asked for. The file's name holds codes and days, no name of a person."""
    name = f"statement-{data.household_code}-{data.start}-{data.end}.{kind}"
    if kind == "pdf":
        return download(print_statement(db.session(), data, by=by, base_url=paper_address()), PDF, name)
    if kind == "xlsx":
        return download(statement_xlsx(data), XLSX, name)
    return download(statement_csv(data), CSV, name)
