"""Every route of the app and the power that opens it. A route that is not here fails `test_matrix.py`.

    "records.show": Entry("schedule.view", acts="records.view", where={"record_id": "record"}, own=True)

reads: whoever has `schedule.view` may knock; inside, `records.view` at the record's place decides; the record is found
by `record_id`; one's own household's record may be seen without that power. Kinds of objects are built in
`two_villages.py`. Writes of the JSON API need no `where`: their path and body come from `tests/api_writes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PUBLIC, SIGNED_IN = "(everybody)", "(signed in)"


@dataclass(frozen=True)
class Entry:
    """`power`: the door. `acts`: what the service asks for inside, when it is another power (any of several).

    `where`, `query`, `form`: parameter -> kind of object ("=…" is taken literally).
    `own`: one's own household's object opens without `acts`; "only": nobody else's opens at all.
    `aside`: the write is refused where it concerns the actor's own household.
    `owner`: "book" for things all villages share, "county" for what a village's staff cannot touch, "public" for what
    anybody may read in any village, "moved" for writes after which the village would not be the same: only refusals,
    "mine" for what is the asker's own alone.
    """

    power: str
    acts: str | tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    own: bool | str = False
    own_power: str | None = None
    aside: bool = False
    owner: str = "village"

    @property
    def inside(self) -> tuple[str, ...]:
        return (self.acts,) if isinstance(self.acts, str) else self.acts or (self.power,)

    @property
    def about(self) -> bool:
        """Whether the route is about one thing or place that can be another's."""
        return any(not kind.startswith("=") and kind != "star" for kind in (*self.where.values(), *self.query.values(),
                                                         *self.form.values()))


def public(**where: str) -> Entry:
    return Entry(PUBLIC, where=where)


STEPS = ("records.group_review", "records.grid_check", "records.village_approval", "records.town_approval",
         "records.supervisor_check")
RECORD, CYCLE, IMPORT, SALE = ({"record_id": "record"}, {"cycle_id": "cycle"}, {"import_id": "import"},
                               {"sale_id": "sale"})
SHOP, PLACE = {"shop": "shop"}, {"place": "place"}
STAR = {**CYCLE, "code": "=H002"}

SHELL = {
    "web.home": public(), "web.choose_view": public(), "web.choose_place": Entry(SIGNED_IN, form={"place": "place"}),
    "web.problem_type": public(code="=not_found"), "web.send_bundle": public(digest="=x", kind="=css"),
    "api_viewer.viewer": public(), "api_viewer.viewer_file": public(name="=x"), "api-docs.openapi_json": public(),
    "phone.home": public(), "phone.root": public(),
    "healthz": public(), "access.login": public(), "access.do_login": public(), "access.logout": public(),
    "access.end": Entry(SIGNED_IN, where={"session_id": "session"}, owner="mine"),
    "access.ask_phone_code": public(), "access.phone_code": public(), "access.take_phone_code": public(),
    "access.whose": public(), "access.choose_whose": public(),
    "access.second": Entry(SIGNED_IN), "access.show_second": Entry(SIGNED_IN), "access.new_papers": Entry(SIGNED_IN),
    "access.password": Entry(SIGNED_IN), "access.change_password": Entry(SIGNED_IN),
    "register.ask": public(), "register.verify": public(code="=x"), "notices.running": public(),
    "notices.show": public(record_id="=00000000-0000-0000-0000-000000000000"),
    "notices.object_to": Entry(SIGNED_IN, where={"record_id": "notice"}, owner="public"),
}

OFFICE = {
    "committee.home": Entry("committee.view"), "committee_api.committee": Entry("committee.view"),
    "records.approvals": Entry("records.view"),
    "records.approve_one": Entry("records.view", STEPS, RECORD, aside=True),
    "records.approve_heap": Entry("records.view"), "records.approve_upload": Entry("records.view"),
    "papers.notice": Entry("records.view", query=PLACE), "papers.cards": Entry("people.view", query=PLACE),
    "records.index": Entry("records.view"),
    "records.show": Entry("schedule.view", "records.view", RECORD, own=True),
    "records.do_decide": Entry("records.view", STEPS, RECORD), "records.edit": Entry("records.submit", (), RECORD),
    "records.submit_again": Entry("records.submit", (), RECORD),
    "records.do_object": Entry("schedule.view", "records.view", RECORD, own=True),
    "records.do_answer": Entry("records.object", (), {**RECORD, "objection_id": "objection"}),
    "records.do_void": Entry("records.void", (), RECORD), "records.do_withdraw": Entry("records.submit", (), RECORD),
    "records.new": Entry("records.submit"), "records.create": Entry("records.submit"),
    "records_api.list_all": Entry("records.view", query=PLACE), "records_api.list_waiting": Entry("records.view"),
    "records_api.get_one": Entry("schedule.view", "records.view", RECORD, own=True),
    "records_api.create": Entry("records.submit"), "records_api.create_many": Entry("records.submit"),
    "records_api.decide_on": Entry("records.view", "records.village_approval", aside=True),
    "records_api.decide_on_many": Entry("records.view", "records.village_approval"),
    "records_api.object_to": Entry("schedule.view"), "records_api.submit_again": Entry("records.submit"),
    "records_api.void": Entry("records.void", aside=True), "records_api.take_back": Entry("records.submit"),
    "records_api.answer": Entry("records.object"),
    "imports.home": Entry("imports.hours"), "imports.upload": Entry("imports.hours"),
    "imports.template": Entry("imports.hours", where={"kind": "=csv"}),
    **{f"imports.{name}": Entry("imports.hours", where=IMPORT) for name in (
        "show", "progress", "columns", "choose", "confirm", "again", "findings", "discard")},
    "imports_api.upload": Entry("imports.hours", owner="book"), "imports_api.get": Entry("imports.hours", where=IMPORT),
    "imports_api.check": Entry("imports.hours"), "imports_api.confirm": Entry("imports.hours"),
}

CRITERIA = {
    "criteria.home": Entry("schedule.view"), "criteria.facts": Entry("schedule.view"),
    "criteria.check": Entry("schedule.view"), "criteria.new": Entry("schedule.view"),
    "criteria.show": Entry("schedule.view", where={"code": "=star.S10"}),
    "criteria.act": Entry("schedule.view", where={"code": "=star.S10"}, owner="book"),
}

RATINGS = {
    "ratings.home": Entry("ratings.view", query=PLACE), "ratings.run": Entry("ratings.run", form={
        "place": "place", "year": "=2026"}),
    "ratings.household": Entry("ratings.view", where=STAR),
    "ratings.star": Entry("ratings.view", where={**STAR, "star_code": "star"}),
    "ratings.then_and_now": Entry("ratings.view", where=STAR),
    "ratings.decide": Entry("ratings.run", where=STAR), "ratings.new_veto": Entry("ratings.veto", where=STAR),
    "ratings.end_veto": Entry("ratings.veto", where=STAR),
    "ratings.before_confirming": Entry("ratings.run", where=CYCLE),
    "ratings.confirm": Entry("ratings.run", where=CYCLE),
    "ratings.jury": Entry("ratings.jury", where=CYCLE), "ratings.score": Entry("ratings.jury", where=CYCLE),
    "ratings.jury_now": Entry("ratings.jury"), "ratings.mine": Entry("me.view"),
    "ratings.my_star": Entry("me.view", where={"star_code": "star"}), "ratings_api.mine": Entry("me.view"),
    "ratings_api.list_cycles": Entry("ratings.view", query=PLACE), "ratings_api.new_cycle": Entry("ratings.run"),
    "ratings_api.confirm": Entry("ratings.run"), "ratings_api.decide": Entry("ratings.run", aside=True),
    "ratings_api.evaluate": Entry("ratings.run"), "ratings_api.score": Entry("ratings.jury", aside=True),
    "ratings_api.households": Entry("ratings.view", where=CYCLE),
    "ratings_api.household": Entry("ratings.view", where=STAR), "ratings_api.facts": Entry("ratings.view"),
    "ratings_api.check_rule": Entry("ratings.view"), "ratings_api.new_veto": Entry("ratings.veto", aside=True),
    "ratings_api.end_veto": Entry("ratings.veto"),
}

HONOUR = {"honour_id": "honour"}
SCHEMES = {"ratings.schemes": Entry("schedule.view"), "ratings.publish": Entry("ratings.rules"),
           "ratings_api.schemes": Entry("schedule.view"),
           "ratings_api.new_scheme": Entry("ratings.rules", owner="county")}
HONOURS = {
    "honours.home": Entry("ratings.view", query=PLACE), "honours.new_cycle": Entry("ratings.run", form={
        "place": "place", "year": "=2020", "period": "=Y"}),
    "honours.course": Entry("ratings.view", where=CYCLE),
    **{f"honours.{name}": Entry("ratings.run", where={"cycle_id": "rated"}) for name in ("enter", "freeze", "evaluate",
                                                                                         "publish")},
    "honours.award": Entry("honours.award", where={"cycle_id": "put_up"}),
    "honours.recheck": Entry("ratings.run", form={"place": "place"}),
    "honours.honour": Entry("ratings.view", where=HONOUR),
    "honours.register_objection": Entry("ratings.run", where=HONOUR),
    "honours.answer": Entry("honours.answer", where={**HONOUR, "objection_id": "honour_objection"}),
    "honours.propose": Entry("honours.propose", where={"honour_id": "awarded"}),
    "honours.decide": Entry("honours.second", where={**HONOUR, "measure_id": "honour_measure"}),
    "honours.plaque": Entry("ratings.run", where={"honour_id": "awarded"}),
    "honours.keep": Entry("ratings.run", where={**HONOUR, "recheck_id": "honour_recheck"}),
    "honours.correct": Entry("ratings.run", where={**HONOUR, "correction_id": "honour_correction"}),
    "honours.mine": Entry("me.view"), "honours.put_own": Entry("ratings.enter"),
    "honour_notices.listed": public(),
    "honour_notices.show": public(honour_id="=00000000-0000-0000-0000-000000000000"),
    "honour_notices.object_here": Entry(SIGNED_IN, where=HONOUR, owner="public"),
    "papers.certificate": Entry("honours.object", "ratings.view", {"honour_id": "awarded"}, own=True),
    "papers.plaque": Entry("ratings.view", where={"honour_id": "awarded"}),
    "papers.honour_notice": Entry("ratings.view", where={"cycle_id": "put_up"}),
    "honours_api.of_cycle": Entry("ratings.view", where={"cycle_id": "put_up"}),
    "honours_api.one": Entry("ratings.view", where=HONOUR),
    "honours_api.enter": Entry("ratings.enter", "ratings.run", own=True),
    "honours_api.freeze": Entry("ratings.run"), "honours_api.publish": Entry("ratings.run"),
    "honours_api.award": Entry("honours.award"), "honours_api.raise_objection": Entry("honours.object"),
    "honours_api.answer": Entry("honours.answer", aside=True),
    "honours_api.propose": Entry("honours.propose", aside=True),
    "honours_api.decide": Entry("honours.second", aside=True), "honours_api.plaque": Entry("ratings.run"),
    "honours_api.recheck": Entry("ratings.run", owner="book"), "honours_api.keep": Entry("ratings.run", aside=True),
    "honours_api.correct": Entry("ratings.run", aside=True),
}

MINE_AND_RULES = {
    "me.home": Entry("me.view"), "me.code": Entry("me.view"), "me_api.me": Entry("me.view"),
    "me_api.entries": Entry("me.view"),
    "me.entry": Entry("me.view", where={"transaction_id": "transaction"}, own="only"),
    "statements.mine": Entry("me.view"), "statements.own": Entry("me.view", where={"kind": "=csv"}),
    "schedule.home": Entry("schedule.view"), "schedule.show": Entry("schedule.view", where={"code": "=V01"}),
    "schedule.go": Entry("schedule.view"), "schedule_api.list_rules": Entry("schedule.view", query=PLACE),
    "schedule_api.rule_versions": Entry("schedule.view", where={"code": "=V01"}, query=PLACE),
    "schedule_api.value_by_rule": Entry("schedule.view", where={"code": "=V01"}, form={"place": "place"}),
    "schedule_api.publish": Entry("schedule.publish"),
    "schedule_api.retire": Entry("schedule.publish", owner="county"),
}

MARKET = {
    "goods.home": Entry("schedule.view"), "goods.show": Entry("schedule.view", where={"sku": "=P01"}),
    "goods.new_price": Entry("goods.edit", where={"sku": "=P01"}, owner="county"),
    "goods_api.list_goods": Entry("schedule.view"),
    "goods_api.add_price": Entry("goods.edit", owner="county"),
    "stock.home": Entry("stock.view", query=SHOP), "stock.papers": Entry("stock.view", query=SHOP),
    "stock.good": Entry("stock.view", where={"sku": "=P01"}, query=SHOP),
    "stock.paper": Entry("stock.view", where={"paper_id": "paper"}),
    "stock.ask_receive": Entry("stock.receive", query=SHOP), "stock.do_receive": Entry("stock.receive", form=SHOP),
    "stock.ask_count": Entry("stock.count", query=SHOP), "stock.do_count": Entry("stock.count", form=SHOP),
    "stock.ask_write_off": Entry("stock.write_off", query=SHOP),
    "stock.do_write_off": Entry("stock.write_off", form=SHOP),
    "stock.ask_found": Entry("stock.view", query=SHOP), "stock.do_found": Entry("stock.view", form=SHOP),
    "stock_api.list_stock": Entry("stock.view", where={"code": "shop"}),
    "stock_api.list_papers": Entry("stock.view", where={"code": "shop"}),
    "stock_api.receive": Entry("stock.receive"), "stock_api.count": Entry("stock.count"),
    "stock_api.write_goods_off": Entry("stock.write_off"),
    "stock_api.find": Entry("stock.view", ("till.sell", "stock.count")),
    "opening_stock.home": Entry("stock.view", query=SHOP), "opening_stock.count": Entry("stock.receive", form=SHOP),
    "opening_stock.ask": Entry("stock.second", where={"sheet_id": "opening_count"}),
    "opening_stock.confirm": Entry("stock.second", where={"sheet_id": "opening_count"}),
    "stock_api.count_opening_stock": Entry("stock.receive"),
    "stock_api.confirm_opening_stock": Entry("stock.second"),
    "till.home": Entry("till.sell", query=SHOP), "till.step": Entry("till.sell", form=SHOP),
    "till.sell": Entry("till.sell", form={**SHOP, "who": "=H003", "items": "=P01*1"}),
    "till.sales": Entry("sales.view", query=SHOP), "till.slip": Entry("sales.view", where=SALE),
    "till.ask_return": Entry("till.return", where=SALE), "till.do_return": Entry("till.return", where=SALE),
    "till.proxies": Entry("till.sell", where={"code": "household"}),
    "till.register_proxy": Entry("till.sell", where={"code": "household"}, form={
        "shop": "=230199100200", "name": "=李四", "relation": "=邻居"}),
    "papers.slip": Entry("sales.view", where=SALE), "sales_api.create_sale": Entry("till.sell", aside=True),
    "sales_api.list_sales": Entry("sales.view", query=SHOP), "sales_api.show_sale": Entry("sales.view", where=SALE),
    "sales_api.preview_sale": Entry("till.sell", form={**SHOP, "household": "household"}),
    "sales_api.return_sale": Entry("till.return"),
    "till_cards_api.till_card": Entry("till.sell", where={"code": "household"}),
}

AUDIT = {
    "audit_pages.home": Entry("audit.view", query={"village": "place"}), "audit_pages.check": Entry("audit.view"),
    "audit_pages.search": Entry("audit.view"),
    "audit_pages.transaction": Entry("audit.view", where={"transaction_id": "transaction"}),
    "statements.show": Entry("statements.any", where={"code": "household"}),
    "statements.fetch": Entry("statements.any", where={"code": "household", "kind": "=csv"}),
    "trial_balance.show": Entry("audit.view"), "trial_balance.fetch": Entry("audit.view", where={"kind": "=csv"}),
    "trial_balance.accounts": Entry("audit.view", where={"commodity": "=POINT", "kind": "=wallet"}),
    "reports_api.statement": Entry(SIGNED_IN, "statements.any", {"household": "household"}, own=True,
                                   own_power="me.view"),
    "reports_api.statement_as_pdf": Entry(SIGNED_IN, "statements.any", {"household": "household"}, own=True,
                                          own_power="me.view"),
    "reports_api.trial_balance": Entry("audit.view"), "reports_api.trial_balance_as_pdf": Entry("audit.view"),
    "reports_api.verify": public(code="=x"),
}

HOME, CHANGE = {"household_id": "household_id"}, {"household_id": "household_id", "what": "=away"}
TWICE = {"keep": "person_one", "lose": "person_other"}
OPENING = {"sheet_id": "opening"}
ROSTER = {"file_id": "roster"}
HOUSEHOLDS = {
    "households.index": Entry("people.view"), "households.show": Entry("people.view", where=HOME),
    "households.ask": Entry("households.change", where=CHANGE),
    "households.do": Entry("households.change", where=CHANGE),
    "households_api.get": Entry("people.view", where=HOME),
    **{f"households_api.{name}": Entry("households.change", owner="moved") for name in (
        "death", "away", "head", "merge", "move", "split")},
    "privacy.mine": Entry("me.view"), "privacy.mine_file": Entry("me.view"), "privacy_api.mine": Entry("me.view"),
    **{f"privacy.{name}": Entry("people.erase", where=HOME) for name in ("household", "household_file", "erase")},
    "privacy_api.erase": Entry("people.erase", owner="moved"),
    "openings.home": Entry("people.view"), "openings.template": Entry("openings.enter"),
    "openings.enter": Entry("openings.enter"), "openings.confirm": Entry("openings.confirm", where=OPENING),
    "openings.withdraw": Entry("openings.enter", where=OPENING),
    "openings_api.enter": Entry("openings.enter"), "openings_api.confirm": Entry("openings.confirm"),
    "village_export.fetch": Entry("village.export", query=PLACE),
    "pins.ask": Entry("till.sell", where={"code": "household"}),
    "pins.renew": Entry("till.sell", where={"code": "household"}),
    "persons.index": Entry("households.change"), "persons.ask": Entry("households.change", query=TWICE),
    "persons.merge": Entry("households.change", form=TWICE),
    "persons.undo": Entry("households.change", where={"merge_id": "person_merge"}),
    "persons_api.merge": Entry("households.change", owner="moved"),
    "persons_api.undo": Entry("households.change", owner="moved"),
    "minors.home": Entry("imports.roster"), "minors.give": Entry("imports.roster", where={"person_id": "person_one"}),
    "minors.withdraw": Entry("imports.roster", where={"consent_id": "consent"}),
    "numbers.index": Entry("people.view"), "numbers.put": Entry("imports.roster"),
    "numbers.confirm": Entry("households.change", where={"claim_id": "number_claim"}, form={"agreed": "=0"}),
    "transfers.home": Entry("people.view"), "transfers.ask": Entry("imports.roster"),
    "transfers.decide": Entry("households.change", where={"request_id": "transfer"}),
    "transfers.withdraw": Entry("imports.roster", where={"request_id": "transfer_asked"}),
    "territory.home": Entry("places.manage"), "territory.sheet": Entry("places.manage"),
    "territory.upload": Entry("places.manage"), "territory.template": Entry("places.manage", where={"kind": "=csv"}),
    **{f"territory.{name}": Entry("places.manage", where={"file_id": "tree"}) for name in (
        "show", "findings", "confirm", "discard")},
    "teams.home": Entry("place.view", query=PLACE), "teams.add": Entry("teams.edit", form=PLACE),
    "teams.show": Entry("people.view", where={"team_id": "team"}),
    "teams.join": Entry("teams.edit", where={"team_id": "team"}),
    "teams.close": Entry("teams.edit", where={"team_id": "team"}),
    "teams.member": Entry("teams.edit", where={"team_id": "team", "member_id": "team_member"},
                          form={"what": "=lead"}),
    "volunteers.home": Entry("people.view", query=PLACE), "volunteers.choose": Entry("teams.edit"),
    "volunteers.show": Entry("people.view", where={"person_id": "person_one"}),
    "volunteers.keep": Entry("teams.edit", where={"person_id": "person_one"}),
    "pairings.home": Entry("place.view", query=PLACE), "pairings.register_unit": Entry("teams.edit", form=PLACE),
    "pairings.pair_up": Entry("teams.edit", form=PLACE),
    "pairings.end": Entry("teams.edit", where={"pairing_id": "pairing"}),
    "pairings.whole_code": Entry("teams.edit", where={"unit_id": "unit"}, form={"why": "=核对协议"}),
    "venues.home": Entry("place.view", query=PLACE), "venues.add": Entry("places.manage", form=PLACE),
    "venues.close": Entry("places.manage", where={"venue_id": "venue"}),
    "grids.index": Entry("people.view", query=PLACE), "grids.create": Entry("grids.edit", form=PLACE),
    "grids.show": Entry("people.view", where={"grid_id": "grid"}),
    "grids.change": Entry("grids.edit", where={"grid_id": "grid"}),
    "rosters.home": Entry("imports.roster"), "rosters.upload": Entry("imports.roster"),
    "rosters.template": Entry("imports.roster", where={"kind": "=csv"}),
    **{f"rosters.{name}": Entry("imports.roster", where=ROSTER) for name in (
        "show", "progress", "columns", "choose", "confirm", "again", "findings", "discard")},
    "rosters_api.upload": Entry("imports.roster", owner="book"),
    "rosters_api.get": Entry("imports.roster", where=ROSTER),
    "rosters_api.check": Entry("imports.roster"), "rosters_api.confirm": Entry("imports.roster"),
}

RESULT, PACK = {"result_id": "result"}, {"pack_id": "pack"}
WELFARE = {
    "benefits.home": Entry("benefits.view", query=PLACE), "benefits.mine": Entry("me.view"),
    "benefits.show": Entry("benefits.view", where={"code": "=B05"}, query=PLACE),
    "benefits.new": Entry("benefits.publish", query=PLACE), "benefits.publish": Entry("benefits.publish", form=PLACE),
    "benefits_api.list_benefits": Entry("benefits.view", query=PLACE),
    "benefits_api.show_benefit": Entry("benefits.view", where={"code": "=B05"}, query=PLACE),
    "benefits_api.create_benefit": Entry("benefits.publish"), "my_benefits_api.my_benefits": Entry("me.view"),
    "benefit_papers.roll": Entry("benefits.view", where={"code": "=B05", "kind": "=xlsx"}, query=PLACE),
    "benefit_papers.letter": Entry("benefits.letter", where={"code": "=B04", "household": "household"}, query=PLACE),
}
UPWARD = {
    "reviews.home": Entry("reviews.view", query=PLACE), "reviews.mine": Entry("me.view"),
    "reviews.new": Entry("reviews.register", query=PLACE), "reviews.register": Entry("reviews.register", form=PLACE),
    "reviews.ask_withdrawal": Entry("reviews.register", where=RESULT),
    "reviews.withdraw": Entry("reviews.register", where=RESULT),
    "reviews_api.list_results": Entry("reviews.view", query=PLACE),
    "reviews_api.create_result": Entry("reviews.register"), "reviews_api.withdraw": Entry("reviews.register"),
    "packs.home": Entry("packs.make", query=PLACE), "packs.ask": Entry("packs.make", form=PLACE),
    **{f"packs.{name}": Entry("packs.make", where=PACK) for name in ("show", "progress", "again", "discard")},
    "packs.fetch": Entry("packs.make", where={**PACK, "kind": "=xlsx"}),
    "packs.figure": Entry("packs.make", where={**PACK, "code": "=V31"}),
    "packs_api.list_packs": Entry("packs.make", query=PLACE), "packs_api.create_pack": Entry("packs.make"),
    "packs_api.trace": Entry("packs.make", where={**PACK, "code": "=V31"}),
    **{f"packs_api.{name}": Entry("packs.make", where=PACK) for name in ("show_pack", "as_pdf", "as_xlsx")},
}

COLLEAGUE = {"user_id": "user"}
STAFF = {
    "staff.home": Entry("users.manage"), "staff.add": Entry("users.manage"), "staff.powers": Entry("powers.view"),
    "staff.show": Entry("users.manage", where=COLLEAGUE), "staff.password": Entry("users.manage", where=COLLEAGUE,
                                                                                  owner="moved"),
    **{f"staff.{name}": Entry("users.manage", where=COLLEAGUE) for name in ("give", "take")},
    "staff.reset_second": Entry("users.manage", where=COLLEAGUE),
    "staff.switch": Entry("users.manage", where={**COLLEAGUE, "what": "=on"}),
    "tokens.home": Entry(SIGNED_IN), "tokens.make": Entry(SIGNED_IN),
    "tokens.end": Entry(SIGNED_IN, where={"token_id": "token"}, owner="mine"),
    "trail.home": Entry("trail.view"), "trail.fetch": Entry("trail.view", where={"kind": "=csv"}),
}

ENTRIES: dict[str, Entry] = {**SHELL, **OFFICE, **HOUSEHOLDS, **RATINGS, **MINE_AND_RULES, **MARKET, **AUDIT, **WELFARE,
                             **UPWARD, **HONOURS, **SCHEMES}
ENTRIES.update(CRITERIA)
ENTRIES.update(STAFF)
