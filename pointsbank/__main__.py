"""`python -m pointsbank`: make the database, load the demo village into an empty one, serve.

What `make run` does, without make and without root, on any system with Python.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys

from pointsbank import backups, clock
from pointsbank.database import db, sqlite_warning
from pointsbank.errors import DomainError
from pointsbank.migrate import migrate
from pointsbank.server import serve
from pointsbank.settings import Settings, load_settings


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 after a clean stop, 2 when it could not start."""
    parser = argparse.ArgumentParser(prog="pointsbank", description="积分银行:建库、装入演示村、启动服务。"
                                     " Make the database, load the demo village, serve.")
    parser.add_argument("--bare", action="store_true", help="演示村不带过往记录 / demo village without its past")
    parser.add_argument("--no-demo", action="store_true", help="不装演示村 / an empty bank")
    parser.add_argument("--setup-only", action="store_true", help="只准备,不启动 / prepare, do not serve")
    parser.add_argument("--no-backup", action="store_true",
                        help="升级前不做备份 / no backup before an upgrade (where another program makes them)")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # So that the address and the sign-ins are what one sees last; `jobs list` tells how each job ended.
    for chatty in ("alembic", "apscheduler", "pointsbank.jobs"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        settings = load_settings()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if settings.database_url.startswith("sqlite") and (warning := sqlite_warning()):
        logging.warning(warning)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with backups.serving(settings.data_dir):
            run(settings, options)
    except DomainError as error:
        print(f"{error.sentence('zh')}\n{error.sentence('en')}", file=sys.stderr)
        return 2
    return 0


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Prepare and serve. An older copy of the database is refused before anything is changed."""
    backups.refuse_older_data(settings, at=clock.now())
    if not options.no_backup:
        backups.backup_before_upgrade(settings, at=clock.now())
    migrate(settings.migrate_url, settings.database_url)
    # The composition root is the one module above us: imported by name, here only (see ARCHITECTURE.md).
    app = importlib.import_module("wsgi").create_app(settings)
    if not options.no_demo:
        demo = importlib.import_module("redemption.demo")
        with app.app_context():
            demo.load_if_empty(db.session(), bare=options.bare, out=sys.stdout)
            demo.print_sign_ins(db.session(), out=sys.stdout)
            db.session.remove()
    if not options.setup_only:
        serve(app, settings)
    backups.remember(settings, at=clock.now())


if __name__ == "__main__":
    sys.exit(main())
