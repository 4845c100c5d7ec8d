"""Phones in the village's own network: the root, what it vouches for, the one port, renewal; with real TLS clients."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cheroot.wsgi import Server
from click.testing import Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from werkzeug.test import Client

from pointsbank import crypto
from pointsbank.https import EitherConnection, HttpsOnly, NotCovered, Tls, begin, keep_current, standing, stop
from pointsbank.https.authority import _issue
from pointsbank.jobs import JOBS
from pointsbank.server import make_server, said_of, tls_of
from pointsbank.settings import OWN_TLS, Settings, load_settings
from wsgi import create_app

NOW = datetime.now(UTC)


def says_its_scheme(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
    sent = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""  # type: ignore[attr-defined]
    return [str(environ["wsgi.url_scheme"]).encode() + (b" " + sent if sent else b"")]


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """A server with the certificate in the folder; its port."""
    server = Server(("127.0.0.1", 0), HttpsOnly(says_its_scheme), numthreads=4)
    server.tls, server.ConnectionClass = Tls(folder / OWN_TLS), EitherConnection  # type: ignore[attr-defined]
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server.bind_addr[1]
    finally:
        server.stop()
        thread.join(timeout=60)


def phone(folder: Path | None) -> ssl.SSLContext:
    """A phone that has installed the root of the folder, or none."""
    return ssl.create_default_context(cafile=str(folder / OWN_TLS.parent / "root.pem") if folder else None)


def ask(port: int, trust: ssl.SSLContext, host: str = "127.0.0.1") -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain, \
            trust.wrap_socket(plain, server_hostname=host) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\nConnection: close\r\n\r\n")
        answer = http.client.HTTPResponse(secure)
        answer.begin()
        return answer.read().decode()


def names_of(folder: Path) -> tuple[str, ...]:
    found = standing(folder)
    return found.names if found else ()


def number_served(port: int, trust: ssl.SSLContext) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain, \
            trust.wrap_socket(plain, server_hostname="localhost") as secure:
        der = secure.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der).serial_number


def test_a_phone_with_the_root_connects_by_address_and_name_and_one_without_does_not(tmp_path):
    begin(tmp_path, ("zhan.local", "192.168.1.20"), at=NOW)
    with served(tmp_path) as port:
        for host in ("127.0.0.1", "localhost", "zhan.local", "192.168.1.20"):
            assert ask(port, phone(tmp_path), host) == "https"
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(port, phone(None))
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(port, phone(tmp_path), "192.168.1.21")


def test_keys_are_their_owners_alone_and_the_root_is_made_once(tmp_path):
    first = begin(tmp_path, at=NOW)
    again = begin(tmp_path, at=NOW)
    assert first.fingerprint == again.fingerprint
    for name in ("root-key.pem", "server.pem"):
        assert stat.S_IMODE((tmp_path / "https" / name).stat().st_mode) == 0o600
    assert begin(tmp_path, at=NOW, new_root=True).fingerprint != first.fingerprint


def test_a_stolen_root_key_proves_no_name_of_the_internet(tmp_path):
    begin(tmp_path, at=NOW)
    _issue(tmp_path / "https", ["www.example.com", "8.8.8.8"], NOW)  # what a thief would do
    with served(tmp_path) as port:
        for host in ("www.example.com", "8.8.8.8"):
            with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
                ask(port, phone(tmp_path), host)


def test_a_name_outside_wants_a_new_root_and_then_is_kept_for_renewals(tmp_path):
    begin(tmp_path, at=NOW)
    with pytest.raises(NotCovered):
        begin(tmp_path, ("jifen.example.cn",), at=NOW)
    assert "jifen.example.cn" not in names_of(tmp_path)
    begin(tmp_path, ("JIFEN.example.cn",), at=NOW, new_root=True)
    keep_current(tmp_path, at=NOW + timedelta(days=350))
    assert "jifen.example.cn" in names_of(tmp_path)


def test_what_is_no_name_is_refused_by_name(tmp_path):
    app = bare_app(tmp_path)
    for given in ("向阳村", "a b", "x_y", ""):
        done = run(app, "bank", "https", "--name", given)
        assert done.exit_code == 2 and "网络名称" in done.output, given


def test_the_job_renews_before_the_end_follows_new_addresses_and_the_server_takes_it_up(tmp_path):
    begin(tmp_path, at=NOW)
    with served(tmp_path) as port:
        first = number_served(port, phone(tmp_path))
        assert keep_current(tmp_path, at=NOW + timedelta(days=300)).startswith("good until")
        assert number_served(port, phone(tmp_path)) == first
        assert keep_current(tmp_path, at=NOW + timedelta(days=340)).startswith("renewed until")
        # its beginning lies ahead of this machine's clock: looked at, not trusted
        looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        looking.check_hostname, looking.verify_mode = False, ssl.CERT_NONE
        assert number_served(port, looking) != first
    (tmp_path / "https" / "names.json").write_text('["192.168.7.7"]')
    assert keep_current(tmp_path, at=NOW + timedelta(days=341)).endswith("new: 192.168.7.7")
    assert "--new-root" in keep_current(tmp_path, at=NOW + timedelta(days=3500))


def test_without_a_certificate_the_job_has_nothing_to_do(tmp_path):
    assert keep_current(tmp_path, at=NOW) == "no certificate of our own" and not (tmp_path / "https").exists()


def test_older_tls_is_not_offered(tmp_path):
    begin(tmp_path, at=NOW)
    assert Tls(tmp_path / OWN_TLS).context().minimum_version == ssl.TLSVersion.TLSv1_2


def test_where_a_request_names_two_lengths_the_chunks_count(tmp_path):
    begin(tmp_path, at=NOW)
    with served(tmp_path) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n"
                     b"Connection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 400 or answer.read() == b"http hello"


def test_phones_that_break_the_handshake_off_end_no_worker(tmp_path):
    begin(tmp_path, at=NOW)
    with served(tmp_path) as port:
        for _ in range(10):  # more than there are workers
            with pytest.raises(ssl.SSLCertVerificationError):
                ask(port, phone(None))
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(b"\x16nonsense")
        assert ask(port, phone(tmp_path)) == "https"


def test_silent_connections_hold_nobody_up(tmp_path):
    begin(tmp_path, at=NOW)
    with served(tmp_path) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        assert ask(port, phone(tmp_path)) == "https"
        for one in silent:
            one.close()


def test_one_port_speaks_both_and_leads_http_to_https_but_for_what_hands_the_root_over(tmp_path):
    begin(tmp_path, at=NOW)
    with served(tmp_path) as port:  # this PC itself may stay
        home = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        home.request("GET", "/login")
        assert home.getresponse().read() == b"http"
        home.close()
    client = Client(HttpsOnly(says_its_scheme))
    there = {"environ_base": {"REMOTE_ADDR": "192.168.1.7"}, "base_url": "http://192.168.1.20:8000"}
    led = client.get("/till?shop=1", **there)
    assert led.status_code == 307 and led.headers["Location"] == "https://192.168.1.20:8000/till?shop=1"
    for path in ("/phone", "/phone/root.crt", "/healthz", "/assets/bundle/x.css", "/switch/view"):
        assert client.get(path, **there).text == "http"
    assert client.get("/phones", **there).status_code == 307
    refused = client.post("/api/v1/sales", **there)  # a token sent in the clear must be noticed, not helped along
    assert refused.status_code == 403 and json.loads(refused.text)["code"] == "https_only"


# -- the application ---------------------------------------------------------------------------------------------------
def bare_settings(folder: Path, **given: str) -> Settings:
    return load_settings({"DATA_DIR": str(folder / "data"), "KEYS_DIR": str(folder / "keys"), **given})


@pytest.fixture(autouse=True)
def _session_keys(keys):
    """Apps of this file have keys of their own; the session's come back."""
    ring = crypto.keyring()
    yield
    crypto.use_keys(ring)


def bare_app(folder: Path) -> Flask:
    return create_app(bare_settings(folder))


def run(app: Flask, *command: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(command))


def test_one_command_makes_it_says_how_to_go_on_and_can_end_it(tmp_path):
    app = bare_app(tmp_path)
    said = run(app, "bank", "https", "--name", "192.168.1.20").output
    found = standing(tmp_path / "keys")
    assert found is not None and found.fingerprint in said and "http://192.168.1.20:8000/phone" in said
    assert json.loads(run(app, "bank", "https", "--json").output)["fingerprint"] == found.fingerprint
    settings = bare_settings(tmp_path)
    assert settings.host == "0.0.0.0" and tls_of(settings) is not None
    lines = said_of(settings, 8000, tls=True)
    assert "http://127.0.0.1:8000/" in lines[0] and any("https://192.168.1.20:8000/" in line for line in lines[1:])
    assert "https" in JOBS
    assert "下次启动" in run(app, "bank", "https", "--off").output
    assert tls_of(bare_settings(tmp_path)) is None and bare_settings(tmp_path).host == "127.0.0.1"
    assert stop(tmp_path / "keys") is False


def test_the_page_hands_the_root_over_with_its_fingerprint(tmp_path):
    found = begin(tmp_path / "keys", ("192.168.1.20",), at=NOW)
    client = bare_app(tmp_path).test_client()
    page = client.get("/phone", base_url="http://192.168.1.20:8000").text
    assert "<svg" in page and "http://192.168.1.20:8000/phone" in page and "https://192.168.1.20:8000/" in page
    assert found.fingerprint in page.replace("<wbr>", "")
    given = client.get("/phone/root.crt")
    assert given.content_type == "application/x-x509-ca-cert"
    assert given.data == x509.load_pem_x509_certificate(
        (tmp_path / "keys" / "https" / "root.pem").read_bytes()).public_bytes(Encoding.DER)
    assert b"PRIVATE" not in given.data
    assert "已经连好" in client.get("/phone", base_url="https://192.168.1.20:8000").text


def test_without_https_the_pages_say_what_does_not_work_and_the_pc_itself_is_not_bothered(tmp_path):
    client = bare_app(tmp_path).test_client()
    assert client.get("/phone/root.crt").status_code == 404
    page = client.get("/phone", environ_base={"REMOTE_ADDR": "192.168.1.7"}, base_url="http://192.168.1.20:8000").text
    assert "相机" in page and "别的照常" in page and "bank https" in page
    for address, warned in (("http://192.168.1.20:8000", True), ("https://192.168.1.20:8000", False),
                            ("http://localhost:8000", False), ("http://127.0.0.1:8000", False)):
        assert ("没有加密" in client.get("/login", base_url=address).text) is warned, address


def test_the_servers_own_door_is_the_one_of_the_settings(tmp_path):
    settings = replace(bare_settings(tmp_path), port=0)
    begin(settings.keys_dir, at=NOW)
    app = create_app(settings)
    server = make_server(app, settings)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.bind_addr[1]), timeout=60) as plain, \
                phone(settings.keys_dir).wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            secure.sendall(b"GET /phone HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            answer = http.client.HTTPResponse(secure)
            answer.begin()
            assert answer.status == 200 and "max-age=31536000" in answer.headers["Strict-Transport-Security"]
            assert "已经连好" in answer.read().decode()
    finally:
        server.stop()
        thread.join(timeout=60)
