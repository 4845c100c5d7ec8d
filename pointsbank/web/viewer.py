"""Who looks at a page, and how: the person's place, menu, language and type size, read once a request.

`shell` in every template is a `Shell`. Where a person stands is `current_actor().place_code`; somebody with several
places chooses one in the page head (a cookie, checked against the grants at each request).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import current_app, g, has_request_context, request

from pointsbank import places
from pointsbank.access import Actor, can, current_user, optional_actor
from pointsbank.database import db
from pointsbank.web.menu import MenuItem, menu_for

VIEW_COOKIE, LANG_COOKIE, PLACE_COOKIE = "pb_view", "pb_lang", "pb_place"
VIEWS = ("normal", "elder")
LANGS = ("zh", "en")
SIGN_IN, SIGN_OUT, PASSWORD = "/login", "/logout", "/password"  # rooms by address: none is imported
SECOND, PHONE = "/second", "/phone"
PLACES_MAX = 400  # more are not offered in a drop-down; the pages of a town or county list their villages


@dataclass(frozen=True)
class Shell:
    """What base.html needs to know."""

    lang: str
    view: str
    here: str
    signed_in: bool = False
    login: str | None = None
    place_code: str | None = None
    place_name: str | None = None
    places: tuple[tuple[str, str], ...] = ()
    menu: tuple[MenuItem, ...] = ()
    sign_in_url: str | None = None
    sign_out_url: str | None = None
    plain: str | None = None  # where it says what to do, when the page came unencrypted from another machine


def language() -> str:
    """zh or en: the choice kept in the cookie, `?lang=` for one page, for the API the Accept-Language header."""
    if not has_request_context():
        return "zh"
    asked = request.args.get("lang") or request.cookies.get(LANG_COOKIE)
    if asked in LANGS:
        return str(asked)
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGS) or "zh"
    return "zh"


def type_size() -> str:
    """normal or elder (长辈版): this browser's choice, else what is kept with the sign-in."""
    chosen = request.cookies.get(VIEW_COOKIE)
    if chosen in VIEWS:
        return str(chosen)
    user = current_user()
    return "elder" if user is not None and user.large_type else "normal"


def stand_where_chosen() -> None:
    """before_request, after the actor is known: put the actor at the place chosen in the page head."""
    actor, chosen = optional_actor(), request.cookies.get(PLACE_COOKIE)
    if actor is None or chosen is None or chosen == actor.place_code:
        return
    if any(places.covers(at, chosen) for _, at in actor.grants) and chosen in dict(place_choices(actor)):
        g.actor = replace(actor, place_code=chosen)


def place_choices(actor: Actor) -> tuple[tuple[str, str], ...]:
    """The places the actor's grants reach: each granted place and the villages below it."""
    if "place_choices" not in g:
        granted = sorted({at for _, at in actor.grants} | {actor.place_code})
        names = {code: card.name for code, card in places.place_cards(db.session(), granted).items()}
        for code in granted:
            if places.ancestors(code)[0] == code and not code.endswith("000"):
                continue  # a village has nothing below it
            if not any(at == code for _, at in actor.grants):
                continue
            names.update({card.code: card.name for card in places.villages_under(db.session(), code)})
        g.place_choices = tuple(sorted(names.items()))[:PLACES_MAX]
    choices: tuple[tuple[str, str], ...] = g.place_choices
    return choices


def serves(path: str) -> bool:
    """Whether this app has a page at the path (apps of a few rooms lack some)."""
    return any(rule.rule.rstrip("/") == path for rule in current_app.url_map.iter_rules())


def shell() -> Shell:
    """The Shell of this request."""
    if "shell" not in g:
        g.shell = _read()
    found: Shell = g.shell
    return found


def _read() -> Shell:
    actor, user = optional_actor(), current_user()
    here = request.full_path.rstrip("?")
    sign_in, sign_out = (path if serves(path) else None for path in (SIGN_IN, SIGN_OUT))
    plain = PHONE if not request.is_secure and not from_this_machine() and serves(PHONE) else None
    if actor is None:
        return Shell(language(), type_size(), here, sign_in_url=sign_in, plain=plain)
    choices = place_choices(actor)
    return Shell(
        language(), type_size(), here, signed_in=True, login=user.login.rpartition("/")[2] if user else None,
        place_code=actor.place_code, place_name=dict(choices).get(actor.place_code), places=choices,
        menu=tuple(menu_for(lambda power: can(actor, power))), sign_in_url=sign_in,
        sign_out_url=sign_out, plain=plain)


def from_this_machine() -> bool:
    """Asked at the machine itself, which browsers trust without encryption."""
    host = request.host.rpartition(":")[0] or request.host
    return host in ("localhost", "[::1]", "::1") or host.startswith("127.") or host.endswith(".localhost")
