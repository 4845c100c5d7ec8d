"""Teams, volunteers, civilised units: who serves together, what they offer, who helps the village.

    /teams  /teams/<id>        总队, eight standing teams, special ones; members, leaders, hours
    /volunteers                skills, languages, when; found by what is needed
    /pairings                  文明单位 and their 结对共建

Records name a team (`pointsbank.records.teams`); its hours are theirs, posted and not taken back.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.privacy import register_part
from pointsbank.records.teams import register_teams
from pointsbank.teams.following import follow_back, follow_person
from pointsbank.teams.pages import pages
from pointsbank.teams.queries import serving, teams_in, teams_of
from pointsbank.teams.service import AddTeam, AddTeams, JoinTeam, add_team, add_teams, join_team
from pointsbank.teams.unit_pages import pairing_pages
from pointsbank.teams.volunteer_pages import volunteer_pages
from pointsbank.teams.volunteers import own_part
from pointsbank.web.menu import register_menu

__all__ = ["AddTeam", "AddTeams", "JoinTeam", "add_team", "add_teams", "follow_back", "follow_person", "join_team",
           "register", "serving", "teams_in", "teams_of"]


def register(app: Flask) -> None:
    register_teams(serving)
    register_part("volunteers", own_part)
    for blueprint in (pages, volunteer_pages, pairing_pages):
        app.register_blueprint(blueprint)
    register_menu("place.view", _("队伍"), "teams.home", "hand", order=44)
    register_menu("people.view", _("志愿者"), "volunteers.home", "person", order=45)
    register_menu("place.view", _("结对共建"), "pairings.home", "sign", order=72)
