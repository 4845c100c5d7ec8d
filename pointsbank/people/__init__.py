"""Households and their members. Names, phones and numbers exist only sealed; lists show what is needed, masked.

A household (户) owns points and score; a person owns service hours. Both are known to the ledger by random ids alone.
"""

from pointsbank.people.cards import CardView, card_token, household_by_card, issue_card
from pointsbank.people.models import Consent, Household, Kinship, PastStay, Person
from pointsbank.people.moving import (
    close_household,
    head_then,
    household_row,
    leave,
    member_rows,
    move_person,
    set_head,
)
from pointsbank.people.names import age_on, mask_name, sort_key
from pointsbank.people.queries import (
    HouseholdCard,
    PersonCard,
    PhoneOwner,
    consented,
    find_household,
    household_cards,
    households_of_place,
    living_household,
    person_cards,
    persons_of_household,
    persons_of_households,
    persons_of_place,
    persons_with_phone,
    recordable,
    relatives_of,
)
from pointsbank.people.service import (
    AddHousehold,
    AddPerson,
    DeclareKinship,
    NeedsConsent,
    RecordConsent,
    add_household,
    add_person,
    declare_kinship,
    record_consent,
)

__all__ = ["AddHousehold", "AddPerson", "CardView", "Consent", "DeclareKinship", "Household", "HouseholdCard",
           "Kinship", "NeedsConsent", "PastStay", "Person", "PersonCard", "PhoneOwner", "RecordConsent",
           "add_household", "add_person", "age_on", "card_token", "close_household", "consented", "declare_kinship",
           "find_household", "head_then", "household_by_card", "household_cards", "household_row",
           "households_of_place", "issue_card", "leave", "living_household", "mask_name", "member_rows",
           "move_person", "person_cards", "persons_of_household", "persons_of_households", "persons_of_place",
           "persons_with_phone",
           "record_consent", "recordable", "relatives_of", "set_head", "sort_key"]
