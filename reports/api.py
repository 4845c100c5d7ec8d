"""The reports over JSON: statement, trial balance, check of a paper; PDFs under the same addresses with `.pdf`."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import NotFound
from reports.downloads import PDF, download, paper_address
from reports.register import find_document
from reports.statements import schemas as statements
from reports.statements.pages import for_paper
from reports.statements.records import StatementData
from reports.statements.service import AskStatement, ask_statement, print_statement
from reports.trial_balance import schemas as trial_balances
from reports.trial_balance.records import TrialBalance
from reports.trial_balance.service import AskTrialBalance, ask_trial_balance, print_trial_balance

api = Blueprint("reports_api", __name__, url_prefix="/api/v1", description="Statements, trial balance, verification")
READER = "me.view for one's own household, statements.any at the household's place for any other"


@api.get("/statements/<household>")
@api.arguments(statements.AskStatementSchema, location="query")
@api.response(200, statements.StatementSchema)
def statement(asked: AskStatement, household: str) -> dict[str, Any]:
    """A household's statement for a period, as known at a moment."""
    data = ask_statement(db.session(), household, asked, by=current_actor(), at=clock.now())
    return statement_json(data)


def statement_json(data: StatementData) -> dict[str, Any]:
    """The statement as the schema dumps it; lines say whether they were recorded late."""
    lines = [{**line._asdict(), "late": data.is_late(line)} for line in data.lines]
    names = [*vars(data), "earned", "spent", "posted"]
    return {**{name: getattr(data, name) for name in names}, "lines": lines,
            "as_of": data.end}


@api.get("/statements/<household>.pdf")
@api.arguments(statements.AskStatementSchema, location="query")
@api.response(200, content_type=PDF)
def statement_as_pdf(asked: AskStatement, household: str) -> Response:
    """The same statement on paper, entered into the register of prints."""
    by = current_actor()
    data = ask_statement(db.session(), household, for_paper(asked, "pdf", by), by=by, at=clock.now())
    made = print_statement(db.session(), data, by=by, base_url=paper_address())
    return download(made, PDF, f"statement-{data.household_code}-{data.start}-{data.end}.pdf")


@api.get("/trial-balance")
@needs("audit.view")
@api.arguments(trial_balances.AskTrialBalanceSchema, location="query")
@api.response(200, trial_balances.TrialBalanceSchema)
def trial_balance(asked: AskTrialBalance) -> TrialBalance:
    """The book's trial balance, by commodity and kind of account."""
    return ask_trial_balance(db.session(), asked, by=current_actor(), at=clock.now())


@api.get("/trial-balance.pdf")
@needs("audit.view")
@api.arguments(trial_balances.AskTrialBalanceSchema, location="query")
@api.response(200, content_type=PDF)
def trial_balance_as_pdf(asked: AskTrialBalance) -> Response:
    """The trial balance on paper, entered into the register of prints."""
    by = current_actor()
    data = ask_trial_balance(db.session(), asked, by=by, at=clock.now())
    return download(print_trial_balance(db.session(), data, by=by, base_url=paper_address()), PDF,
                    f"trial-balance-{data.as_of}.pdf")


@api.get("/verify/<code>")
@api.response(200, statements.CheckedDocumentSchema)
@api.doc(security=[])
def verify(code: str) -> dict[str, Any]:
    """Whether a paper is true, and the figures to compare. No sign-in; 404 for an unknown code."""
    card = find_document(db.session(), code)
    if card is None:
        raise NotFound("code")
    return {"valid": True, **card._asdict()}
