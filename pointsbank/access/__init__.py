"""Sign-in and powers: who is asking, and may they do this here?

Every service takes `by: Actor` and asks `require(by, "power", at_place=code)`; the whole table of powers is one dict in
`powers.py`. Pages and API get the actor from `current_actor()` and the door from `@needs("power")`.
"""

from pointsbank.access.actor import (
    Actor,
    can,
    needs_second_factor,
    places_with,
    require,
    require_seen,
    system_actor,
)
from pointsbank.access.devices import SessionView, end_session, find_session, sessions_of
from pointsbank.access.models import ApiToken, AppUser, RoleGrant, SecondFactor, SignInSession
from pointsbank.access.passwords import check_new_password
from pointsbank.access.powers import POWERS, ROLES
from pointsbank.access.signin import (
    SignedIn,
    WrongSignIn,
    actor_of_user,
    proven,
    sign_in,
    sign_out,
)
from pointsbank.access.tokens import (
    MakeToken,
    TokenView,
    actor_of_token,
    end_token,
    issue_token,
    make_token,
    revoke_token,
    tokens_of,
)
from pointsbank.access.tries import Origin, SlowDown
from pointsbank.access.users import (
    AddUser,
    add_user,
    disable_user,
    enable_user,
    give_role,
    new_first_password,
    register_user,
    set_password,
    take_role,
)
from pointsbank.access.web import (
    PasswordFirst,
    SecondFirst,
    csrf_token,
    current_actor,
    current_user,
    needs,
    optional_actor,
    origin_of_request,
)

__all__ = ["POWERS", "ROLES", "Actor", "AddUser", "ApiToken", "AppUser", "MakeToken", "Origin", "PasswordFirst",
           "RoleGrant", "SecondFactor", "SecondFirst", "SessionView", "SignInSession", "SignedIn", "SlowDown",
           "TokenView", "WrongSignIn", "actor_of_token", "actor_of_user", "add_user", "can", "check_new_password",
           "csrf_token", "current_actor", "current_user", "disable_user", "enable_user", "end_session", "end_token",
           "find_session", "give_role", "issue_token", "make_token", "needs", "needs_second_factor",
           "new_first_password", "optional_actor", "origin_of_request", "places_with", "proven", "register_user",
           "require", "require_seen", "revoke_token", "sessions_of", "set_password", "sign_in", "sign_out",
           "system_actor", "take_role", "tokens_of"]
