"""This floor put into an app: facts, narrators, pages, API, commands and menu entries are registered."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext

from pointsbank.households import register_follower
from pointsbank.web import register_api, register_menu
from redemption.goods.api import goods_api
from redemption.goods.pages import pages as goods_pages
from redemption.stock.api import stock_api
from redemption.stock.opening_pages import pages as opening_pages
from redemption.stock.pages import pages as stock_pages
from redemption.till.api import cards_api, sales_api
from redemption.till.bought import register_redemption_facts
from redemption.till.commands import till
from redemption.till.following import proxies_follow
from redemption.till.narrating import register_narrators
from redemption.till.pages import pages as till_pages
from redemption.till.pin_pages import pages as pin_pages


def register(app: Flask) -> None:
    """Called by the composition root, after the bank's rooms."""
    register_redemption_facts()
    register_narrators()
    register_follower(proxies_follow)
    for pages in (till_pages, pin_pages, stock_pages, opening_pages, goods_pages):
        app.register_blueprint(pages)
    for api in (sales_api, cards_api, stock_api, goods_api):
        register_api(app, api)
    app.cli.add_command(till)
    register_menu("till.sell", lazy_gettext("收银台"), "till.home", "basket", order=20)
    register_menu("sales.view", lazy_gettext("兑换记录"), "till.sales", "list", order=21)
    register_menu("stock.view", lazy_gettext("库存"), "stock.home", "box", order=22)
    register_menu("schedule.view", lazy_gettext("商品价目"), "goods.home", "gift", order=65)
