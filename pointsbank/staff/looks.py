"""Every look at other people's data is written down once it has been shown: who, what, in which role, from where.

    LOOKS["households.show"] == "household:{household_id}"

Lists are written as the place they are of. A page of one thing that is not in the table is written by its own name, so
that none is forgotten; `NOBODY` are those that show no person, or only the reader's own household.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from pointsbank import audit, clock
from pointsbank.access import Actor, optional_actor
from pointsbank.database import db, through, unavailable, unit_of_work
from pointsbank.web.errors import busy

CODE_MAX = 12
RECORD, HOME, SALE, RATED = ("record:{record_id}", "household:{household_id}", "sale:{sale_id}",
                             "cycle:{cycle_id}/{code}")
LOOKS: dict[str, str] = {
    "records.index": "place:{place}", "records.show": RECORD, "records.edit": RECORD,
    "records.approvals": "place:{place}",
    "records_api.list_all": "place:{place}", "records_api.get_one": RECORD, "records_api.list_waiting": "place:{place}",
    "committee.home": "place:{place}", "committee_api.committee": "place:{place}",
    "transfers.home": "place:{place}", "minors.home": "place:{place}", "numbers.index": "place:{place}",
    "households.index": "place:{place}", "households.show": HOME, "households.ask": HOME, "households_api.get": HOME,
    "grids.index": "place:{place}", "grids.show": "grid:{grid_id}", "territory.sheet": "place:{place}",
    "territory.show": "tree:{file_id}", "territory.findings": "tree:{file_id}",
    "teams.show": "team:{team_id}", "volunteers.home": "place:{place}", "volunteers.show": "person:{person_id}",
    "papers.cards": "place:{place}", "papers.slip": SALE,
    "imports.show": "import:{import_id}", "imports.columns": "import:{import_id}",
    "imports.findings": "import:{import_id}", "imports_api.get": "import:{import_id}",
    "rosters.show": "roster:{file_id}", "rosters.columns": "roster:{file_id}", "rosters.findings": "roster:{file_id}",
    "rosters_api.get": "roster:{file_id}",
    "ratings.home": "place:{place}", "ratings.household": RATED, "ratings.star": RATED,
    "ratings.jury": "cycle:{cycle_id}", "ratings_api.households": "cycle:{cycle_id}", "ratings_api.household": RATED,
    "till.proxies": "household:{code}", "pins.ask": "household:{code}",
    "till.slip": SALE, "till.sales": "place:{place}", "till.ask_return": SALE,
    "sales_api.list_sales": "place:{place}", "sales_api.show_sale": SALE,
    "till_cards_api.till_card": "household:{code}",
    "audit_pages.home": "place:{place}", "audit_pages.search": "place:{place}",
    "audit_pages.transaction": "transaction:{transaction_id}",
    "statements.show": "household:{code}", "statements.fetch": "household:{code}",
    "reports_api.statement": "household:{household}", "reports_api.statement_as_pdf": "household:{household}",
    "trial_balance.accounts": "place:{place}", "staff.home": "place:{place}", "staff.show": "user:{user_id}",
    "honours.home": "place:{place}", "honours.course": "cycle:{cycle_id}", "honours.honour": "honour:{honour_id}",
    "papers.honour_notice": "cycle:{cycle_id}",
    "honours_api.of_cycle": "cycle:{cycle_id}", "honours_api.one": "honour:{honour_id}",
    "benefits.show": "place:{place}", "benefits_api.show_benefit": "place:{place}",
    "benefit_papers.roll": "place:{place}", "benefit_papers.letter": "household:{household}",
    "privacy.household": HOME, "privacy.household_file": HOME, "packs.show": "pack:{pack_id}",
    "packs.fetch": "pack:{pack_id}", "packs.figure": "pack:{pack_id}",
    "trail.home": "place:{place}", "trail.fetch": "place:{place}",
}


NOBODY = frozenset({"imports.progress", "rosters.progress", "packs.progress", "stock.paper", "me.entry",
                    "opening_stock.ask", "ratings.before_confirming", "notices.show", "reviews.ask_withdrawal"})


def subject_of(endpoint: str, given: Mapping[str, object]) -> str | None:
    """What a page shows, as the trail names it; None for what shows nobody."""
    if endpoint in LOOKS:
        return LOOKS[endpoint]
    one = next((name for name, value in given.items() if isinstance(value, UUID) or name == "household"), None)
    return f"{endpoint}:{{{one}}}" if one and endpoint not in NOBODY else None


def plain(value: object) -> str:
    """An id or a short code as it is; anything else (a card's token, what somebody typed) stays out of the trail."""
    text = str(value)
    return text if isinstance(value, UUID) or (len(text) <= CODE_MAX and text.isascii() and text.isalnum()) else ""


def write_look(answer: Response) -> Response:
    """after_request: a look that was answered. A till's card is asked with every scan and counts as a look too."""
    subject = subject_of(request.endpoint or "", request.view_args or {})
    by = optional_actor()
    if subject is None or by is None or request.method != "GET" or answer.status_code != 200:
        return answer
    where = plain(request.args.get("place") or request.args.get("shop") or "") or by.place_code
    given = {"place": where, **{name: plain(value) or "-" for name, value in (request.view_args or {}).items()}}
    if by.household_id is not None and str(by.household_id) == str(given.get("household_id", "")):
        return answer
    try:
        through(lambda: _write(by, subject.format(**given)))
    except SQLAlchemyError as error:
        if not unavailable(error):
            raise
        answer.close()  # nobody sees what is not written down
        return busy(error)
    return answer


def _write(by: Actor, subject: str) -> None:
    s = db.session()
    s.rollback()  # what was read is shown; the look is its own unit of work
    with unit_of_work(s):
        audit.record(s, by, "looked", subject, at=clock.now(), page=request.endpoint)


def install(app: Flask) -> None:
    app.after_request(write_look)
