"""Personal data is stored only sealed: one random key per subject, wrapped by the master key in `KEYS_DIR`.

A *subject* is whoever a text is about: a person, a household, a donor, an upload. Destroying its row in
`subject_key` makes everything sealed for it unreadable for good, while the ledger, which holds only random ids, goes
on verifying.

    blob = seal_json(s, book_id, person_id, {"name": "…"}, context="person")
    open_json(s, book_id, person_id, blob, context="person")      # raises ErasedSubject once the key is gone

`context` names table and column and is authenticated, so a blob moved to another place does not open.
Searching goes by `keyed_hash(kind, text)`: an HMAC, never a bare hash, of a whole normalised value.
"""

from pointsbank.crypto.keyring import KeyRing, keyed_hash, keyring, load_keys, use_keys
from pointsbank.crypto.rotating import EVERY_DAYS, OLDER_DAYS, destroy_old_keys, replaced_on, rotate_wrapping_key
from pointsbank.crypto.sealing import (
    BrokenSeal,
    ErasedSubject,
    SubjectKey,
    ensure_subject,
    ensure_subjects,
    erase_subject,
    open_bytes,
    open_json,
    open_many,
    open_text,
    seal_bytes,
    seal_json,
    seal_many,
    seal_text,
)

__all__ = [
    "EVERY_DAYS", "OLDER_DAYS", "BrokenSeal", "ErasedSubject", "KeyRing", "SubjectKey", "destroy_old_keys",
    "ensure_subject", "ensure_subjects",
    "erase_subject", "replaced_on", "keyed_hash", "keyring", "load_keys", "open_bytes", "open_json",
    "open_many", "open_text", "rotate_wrapping_key", "seal_bytes", "seal_json", "seal_many", "seal_text",
    "use_keys",
]
