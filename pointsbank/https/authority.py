"""The PC's own certificate authority: a root for ten years, a server certificate for thirteen months, renewed.

Everything lies in KEYS_DIR/https: `root.pem` (the certificate), `root-key.pem` and `server.pem` (key and certificate in
one file, so that a renewal is one rename), `names.json` (what the operator added). Private keys are readable by their
owner only. The root is constrained to private names and addresses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pointsbank.backups.disk import flush_folder, read_json, write_json
from pointsbank.errors import BadInput, DomainError
from pointsbank.https.addresses import PRIVATE, PRIVATE_6, is_name, is_private, names_here
from pointsbank.settings import OWN_TLS

ROOT, ROOT_KEY, NAMES = "root.pem", "root-key.pem", "names.json"
ROOT_LASTS, SERVER_LASTS = timedelta(days=3650), timedelta(days=395)  # phones refuse a server's longer than 825
RENEW_BEFORE, ROOT_SAID_BEFORE = timedelta(days=60), timedelta(days=180)
CLOCKS_DIFFER = timedelta(days=1)  # a phone whose clock is behind must not call it "not yet valid"
PRIVATE_DOMAINS = ("localhost", "local", "lan", "home.arpa", "internal")


class NotCovered(DomainError):
    code, status = "not_covered", 409
    zh = "现有的根证书管不了 {name}。要用它,请加 --new-root 重新做,手机也要重新安装一次。"
    en = "The root certificate cannot vouch for {name}. Make a new one with --new-root; phones must install it again."


@dataclass(frozen=True)
class Standing:
    """What there is: what phones compare, until when, for which names."""

    fingerprint: str
    root_until: datetime
    until: datetime | None  # of the server's certificate; None: HTTPS is off
    names: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """What a phone types: addresses first, then names; nothing that only the PC itself understands."""
        return tuple(one for one in self.names if one != "localhost" and not one.startswith("127.") and ":" not in one)


def begin(keys_dir: Path, added: tuple[str, ...] = (), *, at: datetime, new_root: bool = False) -> Standing:
    """Make what is missing and a fresh server's certificate; `added` are kept besides what the PC knows of itself.

    Raises BadInput for what is no name or address, NotCovered for one that the root may not vouch for.
    """
    folder = keys_dir / OWN_TLS.parent
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(dict.fromkeys([*_added(folder), *map(_clean, added)]))
    if new_root or not (folder / ROOT).exists():
        _make_root(folder, [*kept, *names_here()], at)
    _issue(folder, _wanted(folder, kept), at)
    write_json(folder / NAMES, kept)
    found = standing(keys_dir)
    assert found is not None
    return found


def stop(keys_dir: Path) -> bool:
    """Serve HTTP only from the next start; the root stays for another day. False when nothing was served."""
    path = keys_dir / OWN_TLS
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def standing(keys_dir: Path) -> Standing | None:
    """None without a root."""
    root = root_of(keys_dir)
    if root is None:
        return None
    server = _certificate(keys_dir / OWN_TLS)
    digest = root.fingerprint(hashes.SHA256()).hex().upper()
    fingerprint = ":".join(digest[at:at + 2] for at in range(0, len(digest), 2))
    return Standing(fingerprint, root.not_valid_after_utc, server.not_valid_after_utc if server else None,
                    tuple(_names_of(server)) if server else ())


def root_of(keys_dir: Path) -> x509.Certificate | None:
    return _certificate(keys_dir / OWN_TLS.parent / ROOT)


def keep_current(keys_dir: Path, *, at: datetime) -> str:
    """Renew the server's certificate when its end is near or the PC has another address; what was done, in a line."""
    folder = keys_dir / OWN_TLS.parent
    root, server = _certificate(folder / ROOT), _certificate(keys_dir / OWN_TLS)
    if root is None or server is None:
        return "no certificate of our own"
    wanted = _wanted(folder, _added(folder))
    missing = sorted(set(wanted) - set(_names_of(server)))
    if server.not_valid_after_utc - at < RENEW_BEFORE or missing or server.issuer != root.subject:
        server = _issue(folder, wanted, at)
        said = f"renewed until {server.not_valid_after_utc:%Y-%m-%d}"
        said += f", new: {', '.join(missing)}" if missing else ""
    else:
        said = f"good until {server.not_valid_after_utc:%Y-%m-%d}"
    if root.not_valid_after_utc - at < ROOT_SAID_BEFORE:
        said += f"; the root ends on {root.not_valid_after_utc:%Y-%m-%d}: bank https --new-root"
    return said


def _clean(text: str) -> str:
    name = text.strip().lower().rstrip(".")
    try:
        return str(ip_address(name))
    except ValueError:
        if not is_name(name):
            raise BadInput("name", f"“{text}”不是网络名称,也不是 IP 地址。",
                           f"“{text}” is neither a host name nor an IP address.") from None
    return name


def _added(folder: Path) -> list[str]:
    return [str(one) for one in read_json(folder / NAMES)] if (folder / NAMES).exists() else []


def _wanted(folder: Path, added: list[str]) -> list[str]:
    """What the certificate shall name: what was added must be covered, of the PC's own what the root covers."""
    root = _certificate(folder / ROOT)
    assert root is not None
    for name in added:
        if not _covers(root, name):
            raise NotCovered("name", name=name)
    return list(dict.fromkeys([*added, *(name for name in names_here() if _covers(root, name))]))


def _covers(root: x509.Certificate, name: str) -> bool:
    allowed = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    try:
        address = ip_address(name)
    except ValueError:
        domains = [one.value for one in allowed if isinstance(one, x509.DNSName)]
        return any(name == domain or name.endswith(f".{domain}") for domain in domains)
    return any(address in ip_network(one.value) for one in allowed if isinstance(one, x509.IPAddress))


def _make_root(folder: Path, names: list[str], at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # The number tells two roots of one PC apart in a phone's list.
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "积分银行"),
                         x509.NameAttribute(NameOID.COMMON_NAME, f"Points Bank {at:%Y-%m-%d} {serial % 10_000:04d}")])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(serial).not_valid_before(at - CLOCKS_DIFFER).not_valid_after(at + ROOT_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=_subtrees(names), excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256()))
    _write(folder / ROOT_KEY, _private(key))
    _write(folder / ROOT, certificate.public_bytes(Encoding.PEM))


def _subtrees(names: list[str]) -> list[x509.GeneralName]:
    """What the root may vouch for: private domains and networks, and these names and addresses."""
    domains = dict.fromkeys(PRIVATE_DOMAINS)
    nets: list[IPv4Network | IPv6Network] = [*PRIVATE, *PRIVATE_6]
    for name in names:
        try:
            address = ip_network(name)
        except ValueError:
            if not name.endswith(tuple(f".{domain}" for domain in PRIVATE_DOMAINS)):
                domains[name] = None
        else:
            nets += [] if is_private(name) else [address]
    return [*(x509.DNSName(domain) for domain in domains), *(x509.IPAddress(net) for net in nets)]


def _issue(folder: Path, names: list[str], at: datetime) -> x509.Certificate:
    root = _certificate(folder / ROOT)
    root_key = load_pem_private_key((folder / ROOT_KEY).read_bytes(), None)
    assert root is not None and isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
        .issuer_name(root.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCKS_DIFFER).not_valid_after(min(at + SERVER_LASTS, root.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256()))
    _write(folder / OWN_TLS.name, _private(key) + certificate.public_bytes(Encoding.PEM))
    return certificate


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
                         data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates,
                         crl_sign=signs_certificates, encipher_only=False, decipher_only=False)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names_of(certificate: x509.Certificate) -> list[str]:
    return [str(one.value) for one in
            certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value]


def _certificate(path: Path) -> x509.Certificate | None:
    """Raises RuntimeError on a damaged file."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise RuntimeError(f"{path} cannot be read; remove it and run bank https again") from error


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not for a moment."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    flush_folder(path.parent)
