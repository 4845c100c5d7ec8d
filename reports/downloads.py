"""A file as an answer: its type, its name, not kept by anybody's cache; and the address that papers carry."""

from __future__ import annotations

from flask import Response, current_app, request

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def download(body: bytes, content_type: str, filename: str) -> Response:
    """PDFs open in the browser, spreadsheets are saved. File names are plain ASCII: codes and days."""
    answer = Response(body, content_type=content_type)
    place = "inline" if content_type == PDF else "attachment"
    answer.headers["Content-Disposition"] = f'{place}; filename="{filename}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def paper_address() -> str:
    """The address printed on papers: PUBLIC_URL, else the one this request came to."""
    public: str | None = current_app.extensions["settings"].public_url
    return public or request.host_url
