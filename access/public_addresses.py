"""Which addresses of the internet are everybody's: a business must not have us call what is inside. Pure.

IPv6 has one range of such addresses, from which some parts are taken out: those that carry an IPv4 address
inside (6to4, Teredo; NAT64 and mapped ones lie outside of it anyway), and those that lead nowhere.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

GLOBAL_UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by a provider's customers; a cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own service inside each machine
        "169.254.0.0/16",  # link-local; clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # measurements
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


def may_be_called(address: Address, *, allowed: Collection[Network]) -> bool:
    """Whether an address is public, or one that whoever runs this installation allows."""
    return is_within(address, allowed) or is_public(address)


def is_public(address: Address) -> bool:
    """Whether it is an address of everybody's internet."""
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in GLOBAL_UNICAST):
        return False
    return not is_within(address, NOT_PUBLIC)


def is_within(address: Address, networks: Collection[Network]) -> bool:
    """Whether it lies in one of these networks."""
    return any(address.version == one.version and address in one for one in networks)
