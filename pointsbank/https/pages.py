"""/phone: how a phone gets in. Over HTTP too, since nothing is trusted yet: the root, its fingerprint, what to tap.

Without HTTPS it says what a browser does not allow then, and that the rest works.
"""

from __future__ import annotations

import io

import segno
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from pointsbank.errors import NotFound
from pointsbank.https.authority import root_of, standing
from pointsbank.https.listening import is_home

pages = Blueprint("phone", __name__, template_folder="templates")


def qr_svg(text: str) -> Markup:
    """An address as a QR code; letters, digits and dots only, so nothing in it needs escaping."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, scale=5, xmldecl=False, svgns=True,
                                                  dark="#000", light="#fff")
    return Markup(out.getvalue().decode())


def port_of(host: str) -> str:
    """`:8000` of what was asked; nothing where the address has no port."""
    _, mark, port = host.rpartition(":")
    return f":{port}" if mark and port.isdigit() else ""


@pages.get("/phone")
def home() -> str:
    """The root to install with its fingerprint; without a root, what works and what does not."""
    found = standing(current_app.extensions["settings"].keys_dir)
    served = found is not None and found.until is not None
    where = None
    if found is not None and served:
        asked = request.host.rpartition(":")[0] or request.host
        name = asked if asked in found.addresses else next(iter(found.addresses), None)
        where = name and f"{name}{port_of(request.host)}"
    return render_template(
        "https/phone.html", root=found if served else None, secure=request.is_secure,
        first=where and f"http://{where}/phone", later=where and f"https://{where}/",
        home=is_home(request.remote_addr or ""), qr=qr_svg(f"http://{where}/phone") if where else None)


@pages.get("/phone/root.crt")
def root() -> Response:
    """The root certificate as phones take it: DER, under the type that opens the installer."""
    found = root_of(current_app.extensions["settings"].keys_dir)
    if found is None:
        raise NotFound("root")
    return Response(found.public_bytes(Encoding.DER), content_type="application/x-x509-ca-cert",
                    headers={"Content-Disposition": 'attachment; filename="pointsbank-root.crt"'})
