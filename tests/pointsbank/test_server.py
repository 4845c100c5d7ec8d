"""The server: alive, ready, encrypted when a certificate is set, and started by nobody but its entry."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pointsbank.server import make_server
from pointsbank.settings import driver_url, load_settings, read_env_file


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
              .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
              .sign(key, hashes.SHA256()))
    (tmp_path / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return tmp_path / "cert.pem", tmp_path / "key.pem"


def test_the_server_speaks_tls_when_a_certificate_is_set(app, settings, certificate):
    server = make_server(app, replace(settings, tls_cert=certificate[0], tls_key=certificate[1]))
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"https://127.0.0.1:{server.bind_addr[1]}/healthz", context=trusting) as answer:
            assert answer.status == 200 and json.load(answer)["status"] == "ok"
    finally:
        server.stop()
        thread.join(timeout=20)


def test_half_a_certificate_is_refused_by_name(app, settings, certificate):
    with pytest.raises(ValueError, match="TLS_CERT and TLS_KEY"):
        make_server(app, replace(settings, tls_cert=certificate[0], tls_key=None))


def test_an_app_that_was_only_made_runs_no_job(app):
    assert not [thread.name for thread in threading.enumerate() if "APScheduler" in thread.name]


def test_healthz_says_ok_and_names_the_schema(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.json["status"] == "ok" and answer.json["revision"]


@pytest.mark.parametrize(("given", "named"), [({"PORT": "eighty"}, "PORT"), ({"PORT": "70000"}, "PORT"),
                                              ({"DATA_DIR": "x", "KEYS_DIR": "x/keys"}, "KEYS_DIR"),
                                              ({"PUBLIC_URL": "jifen.example.cn"}, "PUBLIC_URL"),
                                              ({"PUBLIC_URL": "https://"}, "PUBLIC_URL")])
def test_a_setting_that_cannot_be_used_is_named(given, named):
    with pytest.raises(ValueError, match=named):
        load_settings(given)


def test_the_keys_stand_beside_the_data_never_in_them(tmp_path):
    settings = load_settings({"DATA_DIR": str(tmp_path / "var")})
    assert settings.keys_dir == (tmp_path / "var-keys").resolve()
    assert settings.database_url == f"sqlite:///{(tmp_path / 'var' / 'pointsbank.db').resolve().as_posix()}"


def test_the_address_for_papers_is_kept_without_a_slash_at_its_end():
    assert load_settings({"PUBLIC_URL": "https://jifen.example.cn/"}).public_url == "https://jifen.example.cn"
    assert load_settings({"PUBLIC_URL": ""}).public_url is None


def test_an_env_file_is_read_as_people_write_them(tmp_path):
    (tmp_path / ".env").write_text("\ufeff# settings\nPORT=8080\n HOST = '0.0.0.0'\n\nnonsense\n", encoding="utf-8")
    assert read_env_file(tmp_path / ".env") == {"PORT": "8080", "HOST": "0.0.0.0"}


def test_a_plain_postgresql_address_means_the_driver_that_is_installed():
    assert driver_url("postgres://u@h/db") == driver_url("postgresql://u@h/db") == "postgresql+psycopg://u@h/db"
