"""The second factor: asked of approvers and administrators, a code once, paper for a lost phone, a second person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import (
    POWERS,
    ROLES,
    AppUser,
    Origin,
    SignInSession,
    SlowDown,
    WrongSignIn,
    actor_of_user,
    disable_user,
    factor,
    give_role,
    set_password,
    sign_in,
)
from pointsbank.access.factor import UsedCode, WrongCode
from pointsbank.access.powers import SECOND_FACTOR
from pointsbank.access.tries import TRIES
from pointsbank.access.users import NotOneself
from pointsbank.audit import AuditEvent
from pointsbank.database import db
from pointsbank.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from pointsbank.founding import BeginBook, begin_book
from redemption.demo.people import data
from tests.conftest import VILLAGE_AT as AT
from tests.factor import fresh_code
from tests.visitor import Visitor, forms_of, words

STAFF, SECRET = data("staff.json")["password"], data("staff.json")["second_factor"]
STEP, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
HOME = Origin("192.168.1.20", "", "Chrome · Windows")
AWAY = Origin("203.0.113.9", "", "Chrome · Windows")


def user(s: Session, login: str) -> AppUser:
    return s.scalars(select(AppUser).where(AppUser.login == login)).one()


def actor(s: Session, login: str):
    return actor_of_user(s, user(s, login))


def code(at, steps: int = 0) -> str:
    return factor.code_at(SECRET, factor.step_of(at) + steps)


def entered(s: Session, login: str = "committee", at=AT, origin: Origin = HOME, **more):
    """Password and code."""
    signed = sign_in(s, login, STAFF, at=at, origin=origin)
    return factor.show_factor(s, signed.token, code(at), at=at, origin=origin, **more)


def newcomer(s: Session, at=AT) -> tuple[str, str, list[str]]:
    """A clerk who becomes a reviewer and binds a phone; (token, secret, recovery codes)."""
    give_role(s, user(s, "clerk").id, "reviewer", "230199100200", by=actor(s, "security"), at=at)
    token = sign_in(s, "clerk", STAFF, at=at).token
    secret = factor.offered_secret(token)
    return token, secret, factor.enrol(s, token, factor.code_at(secret, factor.step_of(at)), at=at)[1]


def test_whoever_approves_or_administers_needs_one_and_nobody_else():
    assert set(ROLES) - SECOND_FACTOR == {"volunteer", "recorder", "clerk", "storekeeper"}
    weak = frozenset().union(*(POWERS[role] for role in set(ROLES) - SECOND_FACTOR))
    assert not [one for one in weak if one.endswith(("_review", "_check", "_approval", ".manage", ".publish", ".veto"))]


def test_a_password_alone_opens_nothing_but_the_page_that_asks_for_the_code(app, village):
    visitor = Visitor(app, None)
    answer = visitor.client.post("/login", data={"kind": "staff", "login": "committee", "password": STAFF,
                                                 "next": "/committee/approvals"})
    assert answer.location == "/second?next=/committee/approvals"
    for path in ("/", "/committee", "/password", "/records", "/notices", "/login"):
        assert visitor.get(path).location == f"/second?next={path.replace('/', '%2F')}", path
    assert visitor.get("/api/v1/records").status_code == 403
    page = visitor.get("/second", next="/committee/approvals")
    assert page.headers["Cache-Control"] == "no-store" and "退出" in page.text and "committee" in page.text
    form = next(one for one in forms_of(page.text, "/second") if one.action == "/second")
    wrong = visitor.send(form, code="not-the-code")
    assert wrong.status_code == 401 and "验证码不对" in words(wrong.text) and "not-the-code" not in wrong.text
    with app.app_context():
        good, _ = fresh_code(db.session(), visitor.client.get_cookie("pb_session").value)
    assert visitor.send(form, code=f"{good[:3]} {good[3:]}").location == "/committee/approvals"
    assert visitor.get("/committee").status_code == 200 and visitor.get("/second").status_code == 303


def test_a_code_counts_once_and_its_neighbours_only(s, village):
    first = sign_in(s, "committee", STAFF, at=AT).token
    for steps, refusal in ((-2, WrongCode), (2, WrongCode)):
        with pytest.raises(refusal):
            factor.show_factor(s, first, code(AT, steps), at=AT)
    assert factor.show_factor(s, first, code(AT), at=AT)
    second = sign_in(s, "committee", STAFF, at=AT).token
    for steps in (0, -1):
        with pytest.raises(UsedCode):
            factor.show_factor(s, second, code(AT, steps), at=AT)
    with pytest.raises(UsedCode):
        factor.show_factor(s, second, code(AT), at=AT + STEP)
    assert factor.show_factor(s, second, code(AT, 1), at=AT)
    third = sign_in(s, "committee2", STAFF, at=AT).token
    assert factor.show_factor(s, third, code(AT, -1), at=AT), "somebody else's codes are not used up"


def test_a_phone_is_bound_at_the_first_sign_in_and_proved_by_a_code(app, village):
    s = db.session()
    give_role(s, user(s, "clerk").id, "reviewer", village.place_code, by=actor(s, "security"), at=clock.now())
    visitor = Visitor(app, None)
    visitor.client.post("/login", data={"kind": "staff", "login": "clerk", "password": STAFF})
    page = visitor.page("/second")
    secret = page.split('data-secret="')[1].split('"')[0]
    assert "<svg" in page and len(secret) == 32 and secret in visitor.page("/second"), "the same at every look"
    form = next(one for one in forms_of(page, "/second") if one.action == "/second")
    assert visitor.send(form, code="not-the-code").status_code == 401
    done = visitor.send(form, code=factor.code_at(secret, factor.step_of(clock.now())))
    papers = [part.split("<")[0] for part in done.text.split('class="code">')[1:]]
    assert done.status_code == 201 and len(papers) == factor.PAPER_CODES and visitor.get("/goods").status_code == 200
    s.rollback()
    kept = s.execute(text("SELECT sealed FROM second_factor")).scalars().all()
    assert all(secret.encode() not in bytes(one) for one in kept)
    hashes = s.execute(text("SELECT code_hash FROM recovery_code")).scalars().all()
    assert all(paper.replace("-", "").encode() not in bytes(one) for one in hashes for paper in papers)
    assert "还有 8 个" in words(visitor.page("/password"))
    again = Visitor(app, None)
    again.client.post("/login", data={"kind": "staff", "login": "clerk", "password": STAFF})
    assert secret not in again.page("/second") and "data-secret" not in again.page("/second")


def test_who_has_a_phone_bound_binds_no_other_by_the_password(s, village):
    _token, secret, _ = newcomer(s)
    thief = sign_in(s, "clerk", STAFF, at=AT).token
    offered = factor.offered_secret(thief)
    with pytest.raises(Conflict):
        factor.enrol(s, thief, factor.code_at(offered, factor.step_of(AT)), at=AT)
    assert offered != secret


def test_a_recovery_code_opens_once(s, village):
    _, _, papers = newcomer(s)
    token = sign_in(s, "clerk", STAFF, at=AT).token
    assert factor.show_factor(s, token, papers[0].upper().replace("-", " "), at=AT)
    other = sign_in(s, "clerk", STAFF, at=AT).token
    with pytest.raises(UsedCode):
        factor.show_factor(s, other, papers[0], at=AT)
    assert factor.papers_left(s, village.book_id, user(s, "clerk").id) == factor.PAPER_CODES - 1
    with pytest.raises(WrongCode):
        factor.show_factor(s, sign_in(s, "committee", STAFF, at=AT).token, papers[1], at=AT)


def test_new_recovery_codes_end_the_old_ones(s, village):
    _, secret, papers = newcomer(s)
    later = AT + MINUTE
    fresh = factor.new_papers(s, factor.code_at(secret, factor.step_of(later)), by=actor(s, "clerk"), at=later)
    token = sign_in(s, "clerk", STAFF, at=later).token
    with pytest.raises(WrongCode):
        factor.show_factor(s, token, papers[0], at=later)
    assert factor.show_factor(s, token, fresh[0], at=later)


def test_wrong_codes_and_wrong_passwords_use_up_the_same_tries(s, village):
    token = sign_in(s, "committee", STAFF, at=AT, origin=AWAY).token
    for n in range(TRIES):
        with pytest.raises((WrongSignIn, WrongCode)):
            if n % 2:
                sign_in(s, "committee", "not-it-at-all", at=AT, origin=AWAY)
            else:
                factor.show_factor(s, token, "12", at=AT, origin=AWAY)
    with pytest.raises(SlowDown):
        factor.show_factor(s, token, code(AT), at=AT, origin=AWAY)
    with pytest.raises(SlowDown):
        sign_in(s, "committee", STAFF, at=AT, origin=AWAY)


def test_a_stolen_password_makes_no_known_device(s, village):
    """Else whoever has it could guess codes on a budget of their own, for good."""
    signed = sign_in(s, "committee", STAFF, at=AT, origin=AWAY)
    assert signed.half and signed.device == ""
    assert entered(s).device and s.execute(text("SELECT count(*) FROM known_device")).scalar_one() == 1


def test_a_trusted_device_is_not_asked_for_a_month_and_no_other_is(s, village):
    device = entered(s, trust=True).device
    mine, other = Origin(HOME.source, device, HOME.label), Origin(HOME.source, "another-device", HOME.label)
    assert not sign_in(s, "committee", STAFF, at=AT + timedelta(days=29), origin=mine).half
    assert sign_in(s, "committee", STAFF, at=AT + timedelta(days=29), origin=other).half
    assert sign_in(s, "committee2", STAFF, at=AT + timedelta(days=29), origin=mine).half, "trusted for one account"
    assert sign_in(s, "committee", STAFF, at=AT + timedelta(days=31), origin=mine).half
    set_password(s, user(s, "committee"), "ein-neues-wort-7", at=AT + MINUTE)
    assert sign_in(s, "committee", "ein-neues-wort-7", at=AT + MINUTE, origin=mine).half, "nor after a new password"


def test_a_role_that_needs_one_is_asked_at_the_next_request(app, village):
    clerk = Visitor(app, "clerk")
    assert clerk.get("/goods").status_code == 200
    give_role(db.session(), user(db.session(), "clerk").id, "reviewer", village.place_code,
              by=actor(db.session(), "security"), at=clock.now())
    assert clerk.get("/goods").location == "/second?next=%2Fgoods"


def test_a_lost_phone_is_forgotten_by_a_second_person_who_says_why(app, village):
    security, committee = Visitor(app, "security"), Visitor(app, "committee")
    link = security.page("/staff").split(">committee</a>")[0].rpartition('href="')[2].split('"')[0]
    form = security.form(link, f"{link}/second")
    assert security.send(form, why="").status_code == 422 and committee.get("/committee").status_code == 200
    assert security.send(form, why="lost").status_code == 303
    assert committee.get("/committee").location.startswith("/login"), "what was open is closed"
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "second_factor_reset")).one()
    assert (event.detail, event.role) == ({"reason": "lost"}, "security")
    committee.client.post("/login", data={"kind": "staff", "login": "committee", "password": STAFF})
    assert "data-secret" in committee.page("/second"), "binds anew"
    own = security.page("/staff").split(">security</a>")[0].rpartition('href="')[2].split('"')[0]
    assert security.send(security.form(own, f"{own}/second"), why="lost").status_code == 403


def test_only_who_manages_accounts_there_resets(s, village):
    for login, refusal in (("admin", NotAllowed), ("committee2", NotAllowed)):
        with pytest.raises(refusal):
            factor.reset_factor(s, user(s, "committee").id, "lost", by=actor(s, login), at=AT)
    with pytest.raises(NotOneself):
        factor.reset_factor(s, user(s, "security").id, "lost", by=actor(s, "security"), at=AT)
    with pytest.raises(NotFound):
        factor.reset_factor(s, village.households["H001"].id, "lost", by=actor(s, "security"), at=AT)


def test_the_operator_helps_the_one_administrator_who_lost_the_phone(app, village):
    run = app.test_cli_runner().invoke(args=["bank", "reset-second-factor", "--login", "security", "--why", "lost"])
    assert run.exit_code == 0, run.output
    assert factor.factor_of(db.session(), village.book_id, user(db.session(), "security").id) is None
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "second_factor_reset")).one()


def test_a_half_open_session_ends_after_a_quarter_of_an_hour_and_with_the_account(app, village):
    s, visitor = db.session(), Visitor(app, None)
    visitor.client.post("/login", data={"kind": "staff", "login": "committee", "password": STAFF})
    token = visitor.client.get_cookie("pb_session").value
    s.query(SignInSession).update({"created_at": clock.now() - 16 * MINUTE})
    s.commit()
    assert visitor.get("/second").location.startswith("/login")
    disable_user(s, user(s, "committee").id, by=actor(s, "security"), at=clock.now())
    with pytest.raises(NotSignedIn):
        factor.show_factor(s, token, code(clock.now()), at=clock.now())


def test_the_demo_shows_the_code_of_the_moment_and_only_of_its_own_people(app, village):
    visitor = Visitor(app, None)
    visitor.client.post("/login", data={"kind": "staff", "login": "committee", "password": STAFF})
    page = words(visitor.page("/second"))
    assert "演示村:committee 现在的验证码是 " in page and SECRET in page
    factor.factor_of(db.session(), village.book_id, user(db.session(), "committee").id).of_the_demo = False
    db.session.commit()
    assert "演示村:" not in words(visitor.page("/second")), "a phone of somebody's own"


def test_a_real_book_has_no_factor_that_everybody_knows(s):
    begin_book(s, BeginBook("230183", "尚志市", "230183100000", "尚志镇", (("230183100200", "向阳村"),), "zhang",
                            "lampe-fluss-9"), at=AT)
    with pytest.raises(NotAllowed):
        factor.give_demo_factor(s, user(s, "zhang"), SECRET, at=AT)


def test_of_many_with_one_code_at_once_one_gets_in(engine, s, village):
    tokens = [sign_in(s, "committee", STAFF, at=AT).token for _ in range(6)]
    ready = Barrier(len(tokens))

    def show(token: str) -> str:
        with Session(engine) as own:
            ready.wait()
            try:
                return "in" if factor.show_factor(own, token, code(AT), at=AT) else ""
            except UsedCode as refusal:
                return refusal.code

    with ThreadPoolExecutor(len(tokens)) as pool:
        assert sorted(pool.map(show, tokens)) == ["in"] + ["used_code"] * (len(tokens) - 1)
