"""What the server speaks: HTTP and HTTPS on one port, told apart by the first byte.

One port, so that one address is printed and typed: whoever types it without https:// is led there. The handshake is
done by the worker that takes the connection up, so a phone that connects and says nothing holds up nobody's door. A
renewed certificate is taken up by the next connection, without a restart.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection
from werkzeug.exceptions import SecurityError
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("pointsbank")
TLS_HANDSHAKE = b"\x16"
PATIENCE = 10  # seconds for the first byte and the handshake
NO_HTTP = ('{"type": "about:blank", "title": "HTTPS only", "status": 403, "code": "https_only",'
           ' "detail": "This address is served over HTTPS only. What was sent went over the network in the clear."}')
# What a phone needs before it trusts us, and what watches over the server.
OPEN_TO_HTTP = ("/phone/", "/assets/", "/switch/", "/healthz/")


class Tls:
    """A certificate and its key in files (or both in one); read again when the files change."""

    def __init__(self, certificate: Path, key: Path | None = None) -> None:
        self.files = [certificate, *([key] if key else [])]
        self._lock = Lock()
        self._stamp = self._look()
        self._context = self._load()

    def _look(self) -> list[int]:
        return [path.stat().st_mtime_ns for path in self.files]

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(*map(str, self.files))
        return context

    def context(self) -> ssl.SSLContext:
        """The newest that can be read: half a replacement keeps the old one in force."""
        with self._lock:
            try:
                if (stamp := self._look()) != self._stamp:
                    self._stamp, self._context = stamp, self._load()
            except (OSError, ssl.SSLError) as error:
                log.error("the new certificate is not taken up: %s", error)
            return self._context


class EitherConnection(HTTPConnection):
    """A connection that finds out at its first byte whether the other side speaks TLS. Needs `server.tls`."""

    met = False

    def communicate(self) -> bool:
        if not self.met:
            self.met = True
            if not self.meet():
                return False
        return bool(super().communicate())

    def meet(self) -> bool:
        """False when the other side left, said nothing, or broke the handshake off: it does not trust us yet."""
        self.socket.settimeout(PATIENCE)
        try:
            first = self.socket.recv(1, socket.MSG_PEEK)
            if first == TLS_HANDSHAKE:
                self.secure()
        except OSError:  # ssl.SSLError and timeouts are of this kind
            return False
        self.socket.settimeout(self.server.timeout)
        return bool(first)

    def secure(self) -> None:
        # First the wrapped socket, then the handshake: one that breaks off leaves a connection that can be closed.
        context = self.server.tls.context()
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.socket.do_handshake()
        self.rfile = MakeFile(self.socket, "rb", self.rbufsize)
        self.wfile = MakeFile(self.socket, "wb", self.wbufsize)
        self.ssl_env = {"wsgi.url_scheme": "https", "HTTPS": "on", "SSL_PROTOCOL": self.socket.version() or ""}


    def close(self) -> None:
        """A worker that meets an error while closing would end for good: twelve such phones, no server."""
        with suppress(OSError):
            super().close()


def is_home(address: str) -> bool:
    """The PC itself: what does not leave it needs no lock, and browsers allow cameras there."""
    return address == "::1" or address.startswith("127.")


class HttpsOnly:
    """WSGI: plain HTTP from elsewhere is led to HTTPS at the same address, but for what hands the root over."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "") + "/"
        if (environ.get("wsgi.url_scheme") == "https" or is_home(environ.get("REMOTE_ADDR", ""))
                or path.startswith(OPEN_TO_HTTP)):
            return self.app(environ, start_response)
        if path.startswith("/api/"):  # a program that sends its token in the clear must notice
            answer = Response(NO_HTTP, 403, content_type="application/problem+json")
            return answer(environ, start_response)
        try:
            address = Request(environ).url
            answer = redirect("https" + address.removeprefix("http"), 307)  # type: ignore[assignment]
        except SecurityError:
            answer = Response("Bad Request", 400, content_type="text/plain")
        return answer(environ, start_response)
