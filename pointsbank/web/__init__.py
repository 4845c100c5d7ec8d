"""The shell of every page and of the API: frame, forms, charts, errors, language, security.

Others import from here (and `pointsbank.web.charts`); the templates' first lines document their macros:
base.html (blocks title, content, head, scripts), web/macros.html, web/fields.html, web/tables.html.

It imports no capability: menu entries are registered by the rooms, where a person's work waits is a path.
"""

from pointsbank.web.api import idempotency_key, register_api
from pointsbank.web.assets import asset_url
from pointsbank.web.errors import error_page, problem
from pointsbank.web.forms import FormState, blank, form_command, form_key
from pointsbank.web.menu import register_menu
from pointsbank.web.viewer import language, type_size

__all__ = ["FormState", "asset_url", "blank", "error_page", "form_command", "form_key", "idempotency_key", "language",
           "problem", "register_api", "register_menu", "type_size"]
