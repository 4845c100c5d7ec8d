"""Sign-in and powers: who is asking, and may they do this here?

Every service takes `by: Actor` and asks `require(by, "power", at_place=code)`; the whole table of powers is one dict in
`powers.py`. Pages and API get the actor from `current_actor()` and the door from `@needs("power")`.
"""

from pointsbank.access.actor import Actor, can, places_with, require, require_seen, system_actor
from pointsbank.access.models import ApiToken, AppUser, RoleGrant, SignInSession
from pointsbank.access.powers import POWERS, ROLES
from pointsbank.access.signin import (
    AddUser,
    SignedIn,
    WrongSignIn,
    actor_of_token,
    actor_of_user,
    add_user,
    issue_token,
    revoke_token,
    set_password,
    sign_in,
    sign_out,
)
from pointsbank.access.web import csrf_token, current_actor, current_user, needs, optional_actor

__all__ = ["AddUser", "Actor", "ApiToken", "AppUser", "POWERS", "ROLES", "RoleGrant", "SignInSession", "SignedIn",
           "WrongSignIn", "actor_of_token", "actor_of_user", "add_user", "can", "csrf_token", "current_actor",
           "current_user", "issue_token", "needs", "optional_actor", "places_with", "require", "require_seen",
           "revoke_token",
           "set_password", "sign_in", "sign_out", "system_actor"]
