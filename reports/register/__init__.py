"""The register of printed documents: a random code on the paper, its figures here, one public page to compare them.

    code = register_document(s, RegisterDocument(kind="statement", …, figures={"closing": 4900}), by=by, at=at)
    find_document(s, "230199-4F7K-…")        # the record, or None: what /verify/<code> shows

The register never holds a name or a household's code: who reads a paper already has it in hand.
"""

from reports.register.models import ReportDocument
from reports.register.queries import DocumentCard, find_document
from reports.register.service import RegisterDocument, check_code, register_document

__all__ = ["DocumentCard", "RegisterDocument", "ReportDocument", "check_code", "find_document", "register_document"]
