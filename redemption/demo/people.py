"""The demo village's places, households, members, cards and sign-ins, from its data files. All of them are made up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any

from sqlalchemy.orm import Session

from pointsbank.access import AddUser, add_user, factor
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.people import (
    AddHousehold,
    AddPerson,
    DeclareKinship,
    HouseholdCard,
    PersonCard,
    RecordConsent,
    add_household,
    add_person,
    declare_kinship,
    household_cards,
    issue_card,
    record_consent,
)
from pointsbank.places import AddPlace, add_place, open_book

OPENED = date(2020, 1, 1)  # the village's households were registered long before the bank


def data(name: str) -> Any:
    """One of the demo's data files, parsed."""
    return json.loads((resources.files("redemption.demo") / "data" / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Village:
    """Who lives in the demo village, by code and name, for the steps that follow."""

    place_code: str
    book_id: int
    households: dict[str, HouseholdCard]
    members: dict[str, list[PersonCard]]

    def person(self, code: str, name: str) -> PersonCard:
        return next(card for card in self.members[code] if card.name == name)


def load_places(s: Session, *, at: datetime) -> int:
    """The tree of the demo county, and its book, marked as a demo for good. Returns the book."""
    for region in data("village.json")["regions"]:
        add_place(s, AddPlace(region["code"], region["level"], region["name"], region.get("body")))
    county = next(region["code"] for region in data("village.json")["regions"] if region["level"] == "county")
    return open_book(s, county, at=at, is_demo=True)


def _all_members() -> list[dict[str, Any]]:
    phones = {head["hh"]: head["phone"] for head in data("members.json")["heads"]}
    given = [dict(person, phone=phones[person["hh"]] if person["role"] == "户主" else "")
             for person in data("village.json")["persons"]]
    return given + data("members.json")["members"]


def load_people(s: Session, *, at: datetime) -> Village:
    """24 households with every member, a card each, consents and declared kinship as the data says."""
    village = data("staff.json")["village"]
    homes: dict[str, HouseholdCard] = {}
    members: dict[str, list[PersonCard]] = {}
    for row in data("village.json")["households"]:
        homes[row["no"]] = add_household(s, AddHousehold(village, row["no"], row["group"], OPENED, (row["tag"],)))
        members[row["no"]] = []
    for row in _all_members():
        home = homes[row["hh"]]
        members[row["hh"]].append(add_person(s, AddPerson(
            home.book_id, home.id, row["name"], OPENED, relation=row["role"], phone=row["phone"], id_no=row["id_no"],
            is_head=row["role"] == "户主")))
    book_id = next(iter(homes.values())).book_id
    cards = household_cards(s, book_id, [home.id for home in homes.values()])  # now that their heads are known
    homes = {card.code: card for card in sorted(cards.values(), key=lambda card: card.code)}
    loaded = Village(village, book_id, homes, members)
    for home in homes.values():
        issue_card(s, home.book_id, home.id, at=at)
    for row in data("staff.json")["consents"]:
        child, guardian = loaded.person(row["hh"], row["name"]), loaded.person(row["hh"], row["guardian"])
        record_consent(s, RecordConsent(child.book_id, child.id, guardian.id, to_day(at)))
    for row in data("staff.json")["kinship"]:
        person = loaded.person(row["person"]["hh"], row["person"]["name"])
        declare_kinship(s, DeclareKinship(person.book_id, person.id, homes[row["household"]].id, to_day(at)))
    return loaded


def load_sign_ins(s: Session, village: Village, *, at: datetime) -> None:
    """A user for each staff role and for each household."""
    staff = data("staff.json")
    for row in staff["staff"]:
        person = village.person(row["person"]["hh"], row["person"]["name"]) if row["person"] else None
        user = add_user(s, AddUser(row["login"], "staff", row["place"], staff["password"],
                                   tuple((role, row["place"]) for role in row["roles"]),
                                   person_id=person.id if person else None,
                                   household_id=person.household_id if person else None), at=at)
        factor.give_demo_factor(s, user, staff["second_factor"], at=at)
    for home in village.households.values():
        add_user(s, AddUser(f"{home.place_code}/{home.code}", "household", home.place_code, staff["household_pin"],
                            (("volunteer", home.place_code),), person_id=home.head_id, household_id=home.id), at=at)


def load_village(s: Session, *, at: datetime) -> Village:
    """Places, people and sign-ins in one unit of work."""
    with unit_of_work(s):
        load_places(s, at=at)
        village = load_people(s, at=at)
        load_sign_ins(s, village, at=at)
    return village
