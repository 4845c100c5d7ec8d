"""Settings, from the environment or a `.env` file in the working directory (the environment wins).

`KEYS_DIR` stands beside `DATA_DIR`, never inside it, so that a copy of the data is no copy of the keys.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# Within KEYS_DIR: key and certificate of the PC's own authority (`bank https`); served when no others are set.
OWN_TLS = Path("https") / "server.pem"
PROXIES_MAX = 5


@dataclass(frozen=True)
class Settings:
    """What an operator can set. Paths are absolute."""

    host: str
    port: int
    data_dir: Path
    keys_dir: Path
    database_url: str
    migrate_url: str
    tls_cert: Path | None
    tls_key: Path | None
    font_fallback: Path | None
    pg_bin: Path | None = None  # where pg_dump and pg_restore are, when not on PATH
    sender: str = ""  # which way short messages go; see pointsbank.sending
    public_url: str | None = None  # the address printed on paper; no slash at its end
    trusted_proxies: int = 0  # how many proxies stand in front, each adding the address that asked it


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines; blank lines and lines with # are passed over; quotes around a value are taken off."""
    found: dict[str, str] = {}
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        name, mark, value = line.strip().partition("=")
        if mark and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("'\"")
    return found


def load_settings(overrides: dict[str, str] | None = None) -> Settings:
    """The settings in force. Raises ValueError that names the setting when one is not usable."""
    values = {**read_env_file(Path.cwd() / ".env"), **os.environ, **(overrides or {})}
    data_dir = Path(values.get("DATA_DIR") or "var").resolve()
    keys_dir = Path(values.get("KEYS_DIR") or data_dir.parent / f"{data_dir.name}-keys").resolve()
    if keys_dir == data_dir or data_dir in keys_dir.parents:
        raise ValueError("KEYS_DIR must not lie inside DATA_DIR: a copy of the data would carry the keys")
    port = values.get("PORT") or "8000"
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"PORT must be a number from 0 to 65535, not {port!r}")
    public_url = (values.get("PUBLIC_URL") or "").rstrip("/")
    if public_url and not (public_url.startswith(("http://", "https://")) and urlsplit(public_url).hostname):
        raise ValueError(f"PUBLIC_URL must be an address such as https://jifen.example.cn, not {public_url!r}")
    proxies = values.get("TRUSTED_PROXIES") or "0"
    if not proxies.isdigit() or int(proxies) > PROXIES_MAX:
        raise ValueError(f"TRUSTED_PROXIES must be the number of proxies in front, 0 to {PROXIES_MAX}, not {proxies!r}")
    # Whoever made a certificate for phones wants them let in.
    host = values.get("HOST") or ("0.0.0.0" if (keys_dir / OWN_TLS).exists() else "127.0.0.1")
    url = values.get("DATABASE_URL") or f"sqlite:///{(data_dir / 'pointsbank.db').as_posix()}"

    def path(name: str) -> Path | None:
        return Path(values[name]).resolve() if values.get(name) else None

    return Settings(
        host=host, port=int(port), data_dir=data_dir, keys_dir=keys_dir,
        database_url=driver_url(url), migrate_url=driver_url(values.get("MIGRATE_URL") or url),
        tls_cert=path("TLS_CERT"), tls_key=path("TLS_KEY"), font_fallback=path("FONT_FALLBACK"),
        pg_bin=path("PG_BIN"), sender=values.get("SENDER") or "", public_url=public_url or None,
        trusted_proxies=int(proxies))


def driver_url(url: str) -> str:
    """postgres:// and postgresql:// mean psycopg 3, the driver the project installs."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
