"""/committee: what waits for me, the year of the village, households by stars, what was put right of late."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import can, current_actor, needs, require
from pointsbank.committee.stars import Stars, stars_chart, stars_of
from pointsbank.committee.waiting import waiting_for
from pointsbank.committee.year import corrections, in_hand, year_of
from pointsbank.database import db
from pointsbank.honours import work_of
from pointsbank.places import PlaceCard, place_by_code, villages_under
from pointsbank.records.showing import words_for
from pointsbank.schedule.wording import category_word
from pointsbank.web.charts import CategorySum, village_year
from pointsbank.web.viewer import language

pages = Blueprint("committee", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/committee")


@pages.get("/committee")
@needs("committee.view")
def home() -> str:
    """The village, or above it the sums of the villages and a way into each."""
    actor, s, today = current_actor(), db.session(), clock.today()
    require(actor, "committee.view", at_place=actor.place_code)
    place = place_by_code(s, actor.place_code)
    is_village = place.level == "village"
    year = year_of(s, actor.book_id, place.code, today)
    stars = stars_of(s, actor, place.code) if is_village else None
    return render_template(
        "committee/home.html", place=place, today=today, waiting=waiting_for(s, actor, place.code, today), year=year,
        chart=village_year(year.flows, _worded(year.categories)), stars=stars, matrix=_matrix(stars, place),
        hand=in_hand(s, actor.book_id, place.code, today) if is_village else None,
        corrections=corrections(s, actor.book_id, place.code, clock.now()),
        villages=[] if is_village else villages_under(s, place.code), lang=language(),
        honours=work_of(s, actor, place.code, today) if is_village and can(actor, "ratings.view", place.code) else None,
        may_answer=can(actor, "records.object", place.code), may_score=can(actor, "ratings.jury", place.code),
        step_word=words_for(language())["step_word"])


def _worded(categories: list[CategorySum]) -> list[CategorySum]:
    """The categories in the page's language."""
    return [item._replace(name=category_word(item.name)) for item in categories]


def _matrix(stars: Stars | None, place: PlaceCard) -> str | None:
    if stars is None or stars.cycle is None or stars.table is None:
        return None
    caption = _("%(place)s %(period)s各户星级", place=place.name, period=stars.cycle.words(language()))
    return stars_chart(current_actor(), stars.cycle, stars.table, language(), caption)
