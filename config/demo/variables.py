"""The environment of the demo's Django processes: secrets and ports made once, kept below `var/demo`."""

import base64
import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from config.embedded import private, processes

PORTS_TRIED = 200
APPLICATION = {"client_id": "keyturn-demo", "secret": "known-to-everybody"}  # ours at the simulated Nuki
SIGNED_IN = "/nuki-accounts/signed-in"  # where Nuki sends hosts back to


class NoPortIsFree(Exception):
    """Every port that we would use is taken."""


@dataclass(frozen=True)
class Ports:
    """Where the demo listens on 127.0.0.1."""

    web: int = 8000
    simulator: int = 8010
    inbox: int = 8025
    smtp: int = 2525


@dataclass(frozen=True)
class Addresses:
    """What a person opens in a browser."""

    keyturn: str
    simulator: str
    inbox: str

    @classmethod
    def on(cls, ports: Ports) -> "Addresses":
        """Write the ports as addresses."""
        return cls(*(f"http://127.0.0.1:{port}" for port in (ports.web, ports.simulator, ports.inbox)))


def choose_ports(remembered: Path) -> Ports:
    """Choose the ports of last time, as links and webhooks name them; for one that is taken the next free."""
    wanted = asdict(Ports())
    if remembered.exists():
        wanted |= json.loads(remembered.read_text(encoding="utf-8"))
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        chosen[name] = _next_free(port, besides=set(chosen.values()))
    private.write(remembered, json.dumps(chosen, indent=2) + "\n")
    return Ports(**chosen)


def make_secrets(kept: Path) -> dict[str, str]:
    """Read the demo's secrets; make them the first time."""
    return private.remember(
        kept,
        lambda: {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        },
    )


def of_django(
    *, ports: Ports, secret: Mapping[str, str], database: str, owner: str, redis: str, directory: Path
) -> dict[str, str]:
    """Name everything that the settings read."""
    addresses = Addresses.on(ports)
    return {
        **secret,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DATABASE_OWNER_URL": owner,
        "DATABASE_URL": database,
        "DEFAULT_FROM_EMAIL": "Keyturn <keys@keyturn.example>",
        "DEMO_INBOX_URL": addresses.inbox,
        "DEMO_SIMULATOR_URL": addresses.simulator,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMAIL_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "LOG_JSON": "off",
        "NUKI_API_URL": addresses.simulator,
        "NUKI_OAUTH_CLIENT_ID": APPLICATION["client_id"],
        "NUKI_OAUTH_CLIENT_SECRET": APPLICATION["secret"],
        "PUBLIC_URL": addresses.keyturn,
        "REDIS_URL": redis,
        "SIGN_UP": "open",
        "STATIC_ROOT": str(directory / "static_root"),
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
    }


def write_for_shells(path: Path, variables: Mapping[str, str]) -> None:
    """Write the variables so that `set -a; . FILE` in a shell has them all."""
    lines = [f"{name}={_quoted(value)}\n" for name, value in sorted(variables.items())]
    private.write(path, "".join(lines))


def _quoted(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def _next_free(port: int, *, besides: set[int]) -> int:
    for candidate in range(port, port + PORTS_TRIED):
        if candidate not in besides and processes.is_free(candidate):
            return candidate
    raise NoPortIsFree(f"No port from {port} to {port + PORTS_TRIED - 1} is free on 127.0.0.1.")
