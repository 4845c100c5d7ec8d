"""The demo's star evaluation of the year, open for the committee: four jurors, two households nobody has scored yet,
one veto, two families who put their names down. The finished cycle of the last half-year: see honours.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pointsbank.people import relatives_of
from pointsbank.ratings import (
    EnterVeto,
    Mark,
    OpenCycle,
    PutDown,
    RecordJuryScores,
    RunEvaluation,
    enter_veto,
    open_cycle,
    put_down,
    record_jury_scores,
    run_evaluation,
)
from redemption.demo.office import Office, moment
from redemption.demo.village_data import key

JURY_STARS = ("S04", "S05", "S09")
JURORS = ("reviewer", "reviewer2", "committee", "committee2")
SEEN = (700, 750, 800, 850, 900, 950)  # what a family is held to be worth, in hundredths
NOT_SCORED = ("H022", "H024")
APPLIED = {"H010": ("S01", "S08", "S10"), "H014": ("S05", "S06")}


def score_all(office: Office, cycle: UUID, stars: Sequence[str], draw: random.Random, at: datetime,
              left_out: Sequence[str] = (), seen: Sequence[int] = SEEN) -> None:
    """Every juror hands in a sheet: they know their neighbours, and differ by half a point."""
    s, village = office.s, office.village
    seen_as = {(code, star): draw.choice(seen) for code in village.households
               for star in stars}
    for login in JURORS:
        juror = office.staff[login]
        aside = relatives_of(s, juror.book_id, juror.person_id)
        s.rollback()
        marks = tuple(Mark(home.id, star, seen_as[code, star] + draw.choice((-50, 0, 0, 50)))
                      for code, home in village.households.items()
                      if code not in left_out and home.id not in aside for star in stars)
        record_jury_scores(s, RecordJuryScores(key("jury", cycle, login), cycle, marks), by=juror, at=at)


def rate_the_year(office: Office, day: date) -> None:
    """Open the cycle, let two families apply and the jury score, evaluate."""
    s, village, staff = office.s, office.village, office.staff
    cycle = open_cycle(s, OpenCycle(key("cycle", day.year), village.place_code, day.year), by=staff["committee"],
                       at=moment(day, 8))
    for code, claimed in APPLIED.items():
        put_down(s, PutDown(key("enter", code), cycle, village.households[code].id, claimed), by=office.family(code),
                 at=moment(day, 8, 30))
    score_all(office, cycle, JURY_STARS, random.Random(day.year), moment(day, 9), NOT_SCORED)
    enter_veto(s, EnterVeto(key("veto"), village.households["H023"].id, "X06", day, "核查认定虚报积分,见村务监督记录",
                            "村监督〔演示〕3 号"), by=staff["committee"], at=moment(day, 9, 30))
    run_evaluation(s, RunEvaluation(key("evaluation", day.year), cycle), by=staff["committee"], at=moment(day, 10))
