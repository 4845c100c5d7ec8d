"""Service records: the fact, who reviewed and approved it, the notice, the posting, its correction.

    submit_record, submit_many        facts in (typed, imported, checked in); every bad row named
    rehearse_many                     the same checks with nothing stored, for a dry run
    decide, decide_many               the step a record waits for, by somebody who has no hand in it
    withdraw, resubmit_record         by the submitter, before it is posted / when it was returned or voided
    raise_objection, resolve_objection
    void_record                       reverses minutes, points and score; siblings regain what a cap had cut
    post_due_notices                  the daily job
    set_policy, policy_of             late entries, length of a day, expiry of points: data of a place
Reads: see `pointsbank.records.queries`, `waiting` (what waits for me) and `chains` (one record with its whole story).

One pipeline whatever the source. Nothing here knows how a sheet is read (imports) or what a star needs (eligibility).
"""

from flask import Flask

from pointsbank.records.commands import (
    ActivityFacts,
    Decide,
    DecideMany,
    RaiseObjection,
    RecordFacts,
    ResolveObjection,
    ResubmitRecord,
    SubmitMany,
    SubmitRecord,
    VoidRecord,
    Withdraw,
)
from pointsbank.records.deciding import decide, decide_many, withdraw
from pointsbank.records.mine import MyStory, story_of_transaction
from pointsbank.records.models import Award, ServiceRecord
from pointsbank.records.notices import post_due_notices
from pointsbank.records.objecting import Raised, Resolved, raise_objection, resolve_objection
from pointsbank.records.outcomes import DecisionOutcome, Passed, Recorded, RowProblem, SubmitOutcome
from pointsbank.records.policy import Policy, SetPolicy, policy_of, set_policy
from pointsbank.records.resubmitting import resubmit_record
from pointsbank.records.submitting import rehearse_many, submit_many, submit_record
from pointsbank.records.voiding import Voided, void_record
from pointsbank.records.words import short_no

__all__ = [
    "ActivityFacts", "Award", "Decide", "DecideMany", "DecisionOutcome", "MyStory", "Passed", "Policy",
    "RaiseObjection", "Raised", "RecordFacts", "Recorded", "ResolveObjection", "Resolved", "ResubmitRecord",
    "RowProblem", "ServiceRecord", "SetPolicy", "SubmitMany", "SubmitOutcome", "SubmitRecord", "VoidRecord",
    "Voided", "Withdraw", "decide", "decide_many", "policy_of", "post_due_notices", "raise_objection",
    "register", "rehearse_many", "resolve_objection", "resubmit_record", "set_policy", "short_no",
    "story_of_transaction", "submit_many", "submit_record", "void_record", "withdraw",
]


def register(app: Flask) -> None:
    """Pages, API, menu, narrations and the daily job."""
    from pointsbank.records.room import register as register_room

    register_room(app)
