"""/village/export.zip: everything the village owns, for its own keeping."""

from __future__ import annotations

from flask import Blueprint, Response, request

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from reports.downloads import download
from reports.village.exporting import POWER, village_zip

pages = Blueprint("village_export", __name__)


@pages.get("/village/export.zip")
@needs(POWER)
def fetch() -> Response:
    """?place=230199100200 (default: where one stands)."""
    by = current_actor()
    place = request.args.get("place") or by.place_code
    made = village_zip(db.session(), place, by=by, at=clock.now())
    return download(made, "application/zip", f"village-{place}-{clock.today()}.zip")
