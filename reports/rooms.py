"""This floor put into an app: fonts checked, pages, API and commands registered, menu entries offered."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext

from pointsbank.web import register_api, register_menu
from reports.api import api
from reports.audit.pages import pages as audit_pages
from reports.audit.tellers import register_tellers
from reports.benefit_papers.pages import pages as benefit_pages
from reports.commands import reports
from reports.fonts import check_fonts
from reports.packs.api import blueprint as packs_api
from reports.packs.keeping import register_keeping
from reports.packs.pages import pages as pack_pages
from reports.papers.pages import pages as paper_pages
from reports.register.pages import pages as register_pages
from reports.statements.pages import pages as statement_pages
from reports.trial_balance.pages import pages as trial_balance_pages
from reports.village.pages import pages as village_pages


def register(app: Flask) -> None:
    """Raises FontMissing: an installation without its font must not start and print black squares."""
    check_fonts(app.extensions["settings"].font_fallback)
    for pages in (audit_pages, statement_pages, trial_balance_pages, register_pages, paper_pages, benefit_pages,
                  pack_pages, village_pages):
        app.register_blueprint(pages)
    for one in (api, packs_api):
        register_api(app, one)
    app.cli.add_command(reports)
    register_tellers()
    register_keeping()
    register_menu("packs.make", lazy_gettext("上报材料"), "packs.home", "file", order=48)
    register_menu("audit.view", lazy_gettext("审计"), "audit_pages.home", "shield", order=6)
    register_menu("audit.view", lazy_gettext("试算平衡"), "trial_balance.show", "scales", order=7)
