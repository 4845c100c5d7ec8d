"""The server: one process, threads, TLS when a certificate is set; runs on Windows as on Linux.

cheroot is used because it speaks TLS by itself and needs no POSIX-only module, so that phones in the village's own
network can be let in later by setting HOST, TLS_CERT and TLS_KEY. Only this entry starts the scheduler and the sealer.
"""

from __future__ import annotations

import logging
import signal
import threading

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import PathInfoDispatcher, Server
from flask import Flask

from pointsbank.jobs import start_scheduler
from pointsbank.sealing import start_sealer
from pointsbank.settings import Settings

THREADS = 12
log = logging.getLogger("pointsbank")


def make_server(app: Flask, settings: Settings) -> Server:
    """A bound server. Raises ValueError when only one of certificate and key is set."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ValueError("TLS_CERT and TLS_KEY go together: set both or none")
    server = Server((settings.host, settings.port), PathInfoDispatcher({"/": app}), numthreads=THREADS,
                    request_queue_size=128, timeout=60, shutdown_timeout=10, server_name="pointsbank")
    if settings.tls_cert:
        server.ssl_adapter = BuiltinSSLAdapter(str(settings.tls_cert), str(settings.tls_key))
        app.config["SESSION_COOKIE_SECURE"] = True
    return server


def serve(app: Flask, settings: Settings) -> None:
    """Serve until interrupted, then finish the requests in hand."""
    server = make_server(app, settings)
    server.prepare()
    scheduler, sealer = start_scheduler(app), start_sealer(app)
    scheme = "https" if settings.tls_cert else "http"
    port = server.bind_addr[1] if isinstance(server.bind_addr, tuple) else settings.port
    print(f"积分银行 points bank: {scheme}://{settings.host}:{port}/  (Ctrl+C 结束)", flush=True)

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
