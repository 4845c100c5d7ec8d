"""/audit/trial-balance: the sums by kind of account, the accounts behind each sum, and the papers."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from marshmallow import ValidationError

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, NotFound
from pointsbank.web import language
from reports.downloads import CSV, PDF, XLSX, download, paper_address
from reports.trial_balance.names import commodity_name, kind_name
from reports.trial_balance.queries import POWER, accounts_of_kind
from reports.trial_balance.records import TrialBalance, amount_text
from reports.trial_balance.schemas import AskTrialBalanceSchema
from reports.trial_balance.service import AskTrialBalance, ask_trial_balance, print_trial_balance
from reports.trial_balance.sheet import trial_balance_csv, trial_balance_xlsx

pages = Blueprint("trial_balance", __name__, template_folder="templates")
PAGE = 200
FIELDS = {"on": ("截至哪一天", "As of"), "known_at": ("记录截至", "As known at")}


def question() -> AskTrialBalance:
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    given.setdefault("lang", language())
    try:
        asked: AskTrialBalance = AskTrialBalanceSchema().load(given)
    except ValidationError as wrong:
        field = next(iter(wrong.messages_dict))
        zh, en = FIELDS.get(field, (field, field))
        raise BadInput(field, f"“{zh}”请写成 2026-03-05 这样的、日历上有的日期。",
                       f"“{en}”: write a day of the calendar like 2026-03-05.") from wrong
    return asked


def _read() -> TrialBalance:
    return ask_trial_balance(db.session(), question(), by=current_actor(), at=clock.now())


@pages.get("/audit/trial-balance")
@needs(POWER)
def show() -> str:
    data = _read()
    return render_template("trial_balance/show.html", data=data, amount_text=amount_text, kind_name=kind_name,
                           commodity_name=commodity_name)


@pages.get("/audit/trial-balance.<any(pdf, xlsx, csv):kind>")
@needs(POWER)
def fetch(kind: str) -> Response:
    data = _read()
    name = f"trial-balance-{data.as_of}.{kind}"
    if kind == "pdf":
        made = print_trial_balance(db.session(), data, by=current_actor(), base_url=paper_address())
        return download(made, PDF, name)
    return download(trial_balance_xlsx(data), XLSX, name) if kind == "xlsx" else download(
        trial_balance_csv(data), CSV, name)


@pages.get("/audit/trial-balance/<commodity>/<kind>")
@needs(POWER)
def accounts(commodity: str, kind: str) -> str:
    """The accounts behind one sum, a page at a time."""
    data = _read()
    total = next((row for row in data.rows if (row.commodity, row.kind) == (commodity, kind)), None)
    if total is None:
        raise NotFound("kind")
    rows, outside = accounts_of_kind(db.session(), current_actor(), commodity, kind, data.as_of,
                                     known_at=data.then, lang=data.lang)
    after = request.args.get("after", type=int) or 0
    rest = rows[after:after + PAGE]
    return render_template(
        "trial_balance/accounts.html", data=data, total=total, rows=rest, outside=outside, amount_text=amount_text,
        title=kind_name(kind, data.lang), unit=commodity_name(commodity, data.lang, data.goods.get(commodity, "")),
        next_key=after + PAGE if after + PAGE < len(rows) else None)
