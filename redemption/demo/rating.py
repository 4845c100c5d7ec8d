"""The demo's star evaluation of the year: four jurors, two households nobody has scored yet, one veto."""

from __future__ import annotations

import random
from datetime import date

from pointsbank.people import relatives_of
from pointsbank.ratings import (
    EnterVeto,
    Mark,
    OpenCycle,
    RecordJuryScores,
    RunEvaluation,
    enter_veto,
    open_cycle,
    record_jury_scores,
    run_evaluation,
)
from redemption.demo.office import Office, moment
from redemption.demo.village_data import key

JURY_STARS = ("S04", "S05", "S09")
JURORS = ("reviewer", "reviewer2", "committee", "committee2")
NOT_SCORED = ("H022", "H024")


def rate_the_year(office: Office, day: date) -> None:
    """Open the cycle, let the jury score, evaluate."""
    s, village, staff = office.s, office.village, office.staff
    cycle = open_cycle(s, OpenCycle(key("cycle", day.year), village.place_code, day.year), by=staff["committee"],
                       at=moment(day, 8))
    draw = random.Random(day.year)
    seen_as = {(code, star): draw.choice((700, 750, 800, 850, 900, 950)) for code in village.households
               for star in JURY_STARS}  # jurors know their neighbours and differ by half a point
    for login in JURORS:
        juror = staff[login]
        aside = relatives_of(s, juror.book_id, juror.person_id)
        s.rollback()
        marks = tuple(Mark(home.id, star, seen_as[code, star] + draw.choice((-50, 0, 0, 50)))
                      for code, home in village.households.items()
                      if code not in NOT_SCORED and home.id not in aside for star in JURY_STARS)
        record_jury_scores(s, RecordJuryScores(key("jury", login), cycle, marks), by=juror, at=moment(day, 9))
    enter_veto(s, EnterVeto(key("veto"), village.households["H023"].id, "X06", day, "核查认定虚报积分,见村务监督记录",
                            "村监督〔演示〕3 号"), by=staff["committee"], at=moment(day, 9, 30))
    run_evaluation(s, RunEvaluation(key("evaluation", day.year), cycle), by=staff["committee"], at=moment(day, 10))


