"""The house stays tidy: sizes, no binary fractions near a value, nothing unfinished, keys shaped for many books.

Each rule is a walk over the tree; what it allows is named here with its reason.
"""

from __future__ import annotations

import ast
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("ledger", "pointsbank", "redemption", "reports")
FILE_LINES, FUNCTION_LINES = 400, 70
# The one reader whose library hands floats over, and the files that compute positions on paper and screen.
FLOAT_ALLOWED = {"pointsbank/sheets/floats.py"}
GEOMETRY = re.compile(r"(^reports/pdf/|^reports/fonts/|/charts\.py$|^reports/[a-z_]+/(layout|drawing)[a-z_]*\.py$)")


def tracked(*endings: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                            check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else [
        str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return [ROOT / name for name in names if name.endswith(endings) and (ROOT / name).exists()]


def sources() -> list[Path]:
    return [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] in (*FLOORS, "wsgi.py")]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_one_can_hold_in_mind():
    long = {name(path): count for path in tracked(".py", ".html", ".css", ".js", ".sql")
            if (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES}
    assert not long


def imported_files(path: Path) -> set[str]:
    """The files of the house that one takes names from, inside functions too; a package's door is not followed."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.ImportFrom) and node.module]
    candidates = {f"{node.module}" for node in nodes} | {f"{node.module}.{alias.name}" for node in nodes
                                                         for alias in node.names}
    return {file for dotted in candidates if (ROOT / (file := dotted.replace(".", "/") + ".py")).exists()}


def test_no_files_import_each_other_in_a_circle():
    waits = {name(path): imported_files(path) for path in sources()}
    while free := {file for file, needs in waits.items() if not needs & waits.keys()}:
        waits = {file: needs for file, needs in waits.items() if file not in free}
    assert not waits, "these wait for each other"


def test_no_function_is_longer_than_a_screen():
    # A migration is a list of columns from top to bottom; cutting it up would make it no clearer.
    long = {f"{name(path)}:{node.name}": length for path in sources() if "migrations" not in path.parts
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES}
    assert not long


def test_no_binary_fraction_touches_a_value():
    found = []
    for path in sources():
        if name(path) in FLOAT_ALLOWED or GEOMETRY.search(name(path)):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            typed = isinstance(node, ast.Name | ast.Attribute) and (
                getattr(node, "id", getattr(node, "attr", "")) in {"Float", "REAL", "Double"})
            if literal or called or typed:
                found.append(f"{name(path)}:{node.lineno}")
    assert not found


def test_nothing_is_left_unfinished():
    # written so that the pattern does not find itself: this file is read like all others
    mark = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|N[o]tImplementedError|"
                      r"(?i:c[o]ming soon|l[o]rem ipsum)|敬[请]期待")
    found = [f"{name(path)}:{number}" for path in tracked(".py", ".html", ".js", ".css")
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if mark.search(line)]
    assert not found


def test_nobody_builds_an_attic():
    attics = {"util.py", "utils.py", "helpers.py", "common.py", "misc.py", "util", "utils", "helpers", "common"}
    assert not [name(path) for path in sources() if attics & set(path.relative_to(ROOT).parts)]


def test_every_module_says_what_it_is():
    assert not [name(path) for path in sources()
                if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))]


def test_no_test_is_switched_off():
    off = re.compile(r"pytest\.(skip|xfail|importorskip)\(|mark\.(skip|skipif|xfail)\b|unittest\.mock|"
                     r"monkeypatch\.setattr\(.?(ledger|pointsbank|redemption|reports)")
    assert not [name(path) for path in tracked(".py") if name(path).startswith("tests/") and name(path) !=
                "tests/test_tidy.py" and off.search(path.read_text())]


# Tables that grow with places, rules or goods only; they may have simple keys (copied to every node when sharded).
GROW_WITH_PLACES = {"place", "ledger_book", "eligibility_rule", "rating_scheme", "rating_star"}


def metadata_tables():
    import_module("wsgi")
    for module in sources():
        if module.name == "models.py" or module.name in {"jobs.py"}:
            import_module(".".join(module.relative_to(ROOT).with_suffix("").parts))
    from ledger.tables import metadata as ledger_metadata
    from pointsbank.database import db

    return [*ledger_metadata.sorted_tables, *db.metadata.sorted_tables]


def reference_table(table) -> bool:
    return table.name in GROW_WITH_PLACES or table.info.get("grows_with_places", False)


def test_every_key_of_a_table_that_grows_begins_with_the_book():
    wrong = []
    for table in metadata_tables():
        if reference_table(table):
            continue
        keys = [list(table.primary_key.columns), *(list(c.columns) for c in table.constraints
                                                   if type(c).__name__ == "UniqueConstraint"),
                *(list(i.columns) for i in table.indexes if i.unique)]
        wrong += [f"{table.name}: {[column.name for column in key]}" for key in keys
                  if not key or key[0].name != "book_id"]
        wrong += [f"{table.name}: foreign key {[column.name for column in key.columns]}"
                  for key in table.foreign_key_constraints
                  if not reference_table(key.referred_table) and next(iter(key.columns)).name != "book_id"]
        if "book_id" in table.columns and table.columns["book_id"].nullable:
            wrong.append(f"{table.name}.book_id may be NULL")
    assert not wrong


def test_models_and_migrations_agree(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from ledger.tables import metadata as ledger_metadata
    from pointsbank.database import db

    metadata_tables()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "include_object": lambda item, label, kind, reflected, other: label != "alembic_version" and not (
                engine.dialect.name == "postgresql" and label == "fk_ledger_transfer_transaction")})  # ledger.tables
        difference = compare_metadata(context, [db.metadata, ledger_metadata])
    assert not difference


@pytest.mark.parametrize("word", ["/work/", "/root/", "pypi.org", "npmjs", "debian.org/debian"])
def test_the_project_names_no_machine_of_its_makers(word):
    own = {"tests/test_tidy.py"}
    assert not [name(path) for path in tracked(".py", ".md", ".html", ".cfg", ".toml", ".json", ".txt", ".yml")
                if name(path) not in own and word in path.read_text(encoding="utf-8")]


def test_nothing_below_imports_the_composition_root():
    wanted = re.compile(r"^\s*(from wsgi|import wsgi)\b", re.M)
    assert not [name(path) for path in sources() if wanted.search(path.read_text()) and path.name != "wsgi.py"]
