"""What a browser keeps of a sign-in: the session's cookie, the device's; and where to go on afterwards."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from pointsbank.access import SignedIn
from pointsbank.access.devices import ABSOLUTE, REMEMBERED
from pointsbank.access.web import COOKIE, DEVICE


def safe_next(path: str) -> str:
    """A path of ours, or home."""
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith("//") and not parts.netloc and "\\" not in path
    return path if own else url_for("web.home")


def keep_device(answer: Response, device: str) -> Response:
    if device:
        answer.set_cookie(DEVICE, device, max_age=int(REMEMBERED.total_seconds()), httponly=True, samesite="Lax",
                          secure=request.is_secure, path="/")
    return answer


def entered(signed_in: SignedIn, after: str) -> Response:
    """On to where somebody wanted to go, by way of the second factor where one is due."""
    target = url_for("access.second", next=after or None) if signed_in.half else safe_next(after)
    answer = make_response(redirect(target, code=303))
    answer.set_cookie(COOKIE, signed_in.token, max_age=int(ABSOLUTE.total_seconds()), httponly=True, samesite="Lax",
                      secure=request.is_secure, path="/")
    return keep_device(answer, signed_in.device)
