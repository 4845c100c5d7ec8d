"""What a machine without make gets: `python -m pip install .`, then `python -m pointsbank` in any folder.

The wheel is built from a copy of the tree, so that no left-over of an earlier build gets into it.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.test_tidy import FLOORS, ROOT, name, sources, tracked

# One wheel for the file, also when tests run side by side.
pytestmark = pytest.mark.xdist_group("wheel")
# Modules that Windows does not have, and the calls of `os` and `signal` it does not have.
POSIX_MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "posix", "readline", "curses",
                 "crypt", "spwd"}
POSIX_CALLS = {"fork", "forkpty", "setsid", "geteuid", "getuid", "getgid", "setuid", "chown", "mkfifo", "uname", "nice",
               "killpg", "getpgid", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "alarm"}
# Run by hand once, when the font is made anew; not at run time.
MAKERS = {"reports/fonts/build.py"}
# Imported by what we import: they come with Flask, Flask-Babel and SQLAlchemy's address of the database.
COME_ALONG = {"werkzeug", "jinja2", "click", "markupsafe", "babel", "psycopg", "psycopg-binary", "tzdata", "webargs",
              "apispec"}


def shipped() -> set[str]:
    """Every file that lies in a floor's folder, and the composition root."""
    return {name(path) for path in tracked("") if path.relative_to(ROOT).parts[0] in (*FLOORS, "wsgi.py")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built without the network."""
    copy = tmp_path_factory.mktemp("tree")
    about = {"setup.cfg", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"}
    for path in tracked(""):
        if (relative := path.relative_to(ROOT)).as_posix() in about or name(path) in shipped():
            (copy / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy / relative)
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
                    "--wheel-dir", str(out), str(copy)], check=True, capture_output=True, text=True)
    return next(out.glob("pointsbank-*.whl"))


def test_the_wheel_carries_every_file_of_the_floors_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {entry for entry in archive.namelist() if ".dist-info/" not in entry}
    assert inside == shipped()
    kinds = {Path(entry).suffix for entry in inside}
    assert kinds >= {".html", ".css", ".js", ".svg", ".ttf", ".mo", ".json", ".mako", ".py"}


def spared(tree: ast.Module) -> set[ast.AST]:
    """What stands in a `try` that goes another way on ImportError."""
    guarded = (node for node in ast.walk(tree) if isinstance(node, ast.Try) and any(
        isinstance(handler.type, ast.Name) and handler.type.id == "ImportError" for handler in node.handlers))
    return {inner for node in guarded for part in (*node.body, *node.orelse) for inner in ast.walk(part)}


def test_nothing_on_the_way_needs_a_posix_system():
    found = []
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in set(ast.walk(tree)) - spared(tree):
            if isinstance(node, ast.Import):
                modules = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules = {(node.module or "").split(".")[0]}
            elif (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                  and node.value.id in {"os", "signal"} and node.attr in POSIX_CALLS):
                found.append(f"{name(path)}:{node.lineno} {node.value.id}.{node.attr}")
                continue
            else:
                continue
            found += [f"{name(path)}:{node.lineno} {module}" for module in modules & POSIX_MODULES]
    assert found == []


def _distribution(text: str) -> str:
    return re.split(r"[\[<>=!~; ]", text.strip(), maxsplit=1)[0].lower().replace("_", "-")


def test_what_is_installed_is_what_is_imported():
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    required = {_distribution(line) for line in config["options"]["install_requires"].splitlines() if line.strip()}
    owners = packages_distributions()
    imported = set()
    for path in sources():
        if name(path) in MAKERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else (
                [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else [])
            top = {module.split(".")[0] for module in modules} - {*sys.stdlib_module_names, *FLOORS, "wsgi"}
            imported |= {_distribution(owners[module][0]) for module in top if module in owners}
    assert required - imported - COME_ALONG == set(), "required, but nobody imports it"
    assert imported - required - COME_ALONG == set(), "imported, but not required"


@pytest.fixture(scope="module")
def elsewhere(wheel: Path) -> Iterator[tuple[Path, Path]]:
    """(python of a fresh environment with the wheel, an empty folder). The libraries are this environment's own."""
    with tempfile.TemporaryDirectory() as folder:
        home, empty = Path(folder) / "venv", Path(folder) / "empty"
        empty.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
        python = home / ("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")
        where = subprocess.run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                               check=True, capture_output=True, text=True).stdout.strip()
        # Last on the path and without its .pth files, so that this project's own tree stays out of sight.
        (Path(where) / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
                        "--ignore-installed", str(wheel)], check=True, capture_output=True, text=True)
        yield python, empty


def run(python: Path, empty: Path, *options: str) -> subprocess.Popen[str]:
    plain = {key: value for key, value in os.environ.items()
             if not key.startswith(("PYTHON", "DATA", "KEYS", "MIGRATE", "TLS", "HOST", "FLASK"))}
    return subprocess.Popen([str(python), "-m", "pointsbank", *options], cwd=empty, text=True,
                            env=plain | {"PORT": "0", "PYTHONUTF8": "1"}, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)


def test_the_installed_program_sets_up_and_serves_from_an_empty_folder(elsewhere):
    python, empty = elsewhere
    origin = subprocess.run([str(python), "-c", "import wsgi; print(wsgi.__file__)"], cwd=empty, check=True,
                            capture_output=True, text=True).stdout
    assert str(ROOT) not in origin
    preparing = run(python, empty, "--setup-only", "--bare")
    said, _ = preparing.communicate(timeout=120)
    assert preparing.returncode == 0 and "clerk" in said
    assert (empty / "var" / "pointsbank.db").exists() and any((empty / "var-keys").iterdir())

    serving = run(python, empty)
    try:
        assert serving.stdout is not None
        line = next(line for line in serving.stdout if "http://" in line)
        address = re.search(r"http://[0-9.:]+", line)
        assert address is not None

        def get(path: str) -> tuple[int, str]:
            with urllib.request.urlopen(address.group() + path, timeout=20) as answer:
                return answer.status, answer.read().decode("utf-8")

        assert get("/healthz")[0] == 200
        page = get("/login")[1]
        styles = re.search(r'href="(/assets/[^"]+\.css)"', page)
        assert styles is not None and "{" in get(styles.group(1))[1]
        assert "Sign in" not in page and "登录" in page
    finally:
        serving.terminate()
        serving.wait(timeout=30)
