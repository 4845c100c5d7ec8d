"""Under which names and addresses the phones of a local network reach this PC. Nothing is sent to find out."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

PRIVATE: tuple[IPv4Network, ...] = tuple(map(IPv4Network, (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")))
PRIVATE_6: tuple[IPv6Network, ...] = tuple(map(IPv6Network, ("::1/128", "fc00::/7", "fe80::/10")))
# One far address of each private range, and of none: the system then says from which of its own it would send.
FAR = ("10.254.254.254", "172.31.254.254", "192.168.254.254", "192.0.2.1")
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
HOME = ("localhost", "127.0.0.1", "::1")


def is_private(address: str) -> bool:
    found = ip_address(address)
    return any(found in net for net in (PRIVATE if isinstance(found, IPv4Address) else PRIVATE_6))


def is_name(text: str) -> bool:
    """A host name as certificates know them: letters, digits, hyphens, dots."""
    return len(text) <= 200 and NAME.fullmatch(text) is not None


def own_name() -> str | None:
    """The PC's name in the network, when it can stand in a certificate (a Chinese one cannot)."""
    name = socket.gethostname().partition(".")[0].lower()
    return name if is_name(name) and name != "localhost" else None


def lan_addresses() -> list[str]:
    """This PC's private IPv4 addresses, the one that leads out first."""
    found: dict[str, None] = {}
    for far in reversed(FAR):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((far, 9))  # no packet leaves: a datagram socket only looks the way up
            except OSError:
                continue
            found[probe.getsockname()[0]] = None
    with suppress(OSError):  # a PC whose own name is not known to its resolver
        found.update((str(one[4][0]), None) for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET))
    return [one for one in found if is_private(one) and not one.startswith("127.")]


def names_here() -> list[str]:
    """Everything a phone or this PC itself may type, the address that phones type first."""
    name = own_name()
    return [*lan_addresses(), *([name, f"{name}.local"] if name else []), *HOME]
