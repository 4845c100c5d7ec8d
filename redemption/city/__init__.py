"""A year of a whole city, made up: 18 books, 303 offices, 2,930 stations, 4,107 teams, households, transfers.

    flask --app wsgi bank demo --city --scale 0.01
    live_the_city(s, plan_of(Fraction(1, 100), seed=1), at=now, tell=bar)

Everything goes through the doors of real use: sheets of places, the roster's bulk door, teams, `ledger.post` in
batches. It goes by portions, each a unit of work; a run that was killed and is started again goes on with the next
portion, and what comes out is the same. All of it is drawn from the seed, portion by portion.
"""

from redemption.city.living import CityDone, OtherCity, live_the_city
from redemption.city.plan import CityPlan, plan_of

__all__ = ["CityDone", "CityPlan", "OtherCity", "live_the_city", "plan_of"]
