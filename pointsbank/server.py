"""The server: one process, threads, HTTPS when there is a certificate; runs on Windows as on Linux.

cheroot is used because it needs no proxy in front and no POSIX-only module. The certificate is the one that TLS_CERT
and TLS_KEY name, else the one that `bank https` made. Only this entry starts the scheduler and the sealer.
"""

from __future__ import annotations

import logging
import signal
import threading

from cheroot.wsgi import PathInfoDispatcher, Server
from flask import Flask

from pointsbank.https import EitherConnection, HttpsOnly, Tls, standing
from pointsbank.jobs import start_scheduler
from pointsbank.sealer import start_sealer
from pointsbank.settings import OWN_TLS, Settings

THREADS = 12
log = logging.getLogger("pointsbank")


def tls_of(settings: Settings) -> Tls | None:
    """The certificate to serve with. Raises ValueError when only one of certificate and key is set."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ValueError("TLS_CERT and TLS_KEY go together: set both or none")
    if settings.tls_cert:
        return Tls(settings.tls_cert, settings.tls_key)
    own = settings.keys_dir / OWN_TLS
    return Tls(own) if own.exists() else None


def make_server(app: Flask, settings: Settings) -> Server:
    """A bound server; with a certificate it speaks HTTP and HTTPS on its port and leads the first to the second.

    Behind a proxy it is the proxy that says how it was asked, so nothing is led anywhere.
    """
    tls = tls_of(settings)
    served = HttpsOnly(app) if tls and not settings.trusted_proxies else app
    server = Server((settings.host, settings.port), PathInfoDispatcher({"/": served}), numthreads=THREADS,
                    request_queue_size=128, timeout=60, shutdown_timeout=10, server_name="pointsbank")
    if tls:
        setattr(server, "tls", tls)  # noqa: B010  # what EitherConnection asks for
        server.ConnectionClass = EitherConnection
    return server


def said_of(settings: Settings, port: int, *, tls: bool) -> list[str]:
    """Where it is served, as the operator reads it; the first line is for this PC."""
    own = standing(settings.keys_dir) if tls and not settings.tls_cert else None
    if own is None:
        return [f"积分银行 points bank: {'https' if tls else 'http'}://{settings.host}:{port}/  (Ctrl+C 结束)"]
    lines = [f"积分银行 points bank: http://127.0.0.1:{port}/  (Ctrl+C 结束)"]
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        lines += [f"手机 phones: https://{name}:{port}/  (第一次 first: http://{name}:{port}/phone)"
                  for name in own.addresses]
    return lines


def serve(app: Flask, settings: Settings) -> None:
    """Serve until interrupted, then finish the requests in hand."""
    server = make_server(app, settings)
    server.prepare()
    scheduler, sealer = start_scheduler(app), start_sealer(app)
    port = server.bind_addr[1] if isinstance(server.bind_addr, tuple) else settings.port
    print("\n".join(said_of(settings, port, tls=hasattr(server, "tls"))), flush=True)

    def stop(*_: object) -> None:
        threading.Thread(target=server.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    try:
        server.serve()
    except KeyboardInterrupt:
        log.info("stopping")
    finally:
        server.stop()
        scheduler.shutdown(wait=True)
        sealer.stop()
