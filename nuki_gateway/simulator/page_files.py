"""The page's files as they are sent: what lies in page/, and nothing else."""

from functools import cache
from http import HTTPStatus
from pathlib import Path

from nuki_gateway.simulator.answers import Answer

PAGE = Path(__file__).with_name("page")
TYPES = {
    ".html": "text/html; charset=UTF-8",
    ".css": "text/css; charset=UTF-8",
    ".js": "text/javascript; charset=UTF-8",
    ".svg": "image/svg+xml",
}
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def answer(path: str) -> Answer | None:
    """Return the file at this path, `/` being the page itself; None when there is none."""
    found = _files().get("/-/index.html" if path == "/" else path)
    if found is None:
        return None
    headers = {"Content-Type": TYPES[found.suffix], **PAGE_HEADERS}
    return Answer(HTTPStatus.OK, _content(found), headers)


@cache
def _files() -> dict[str, Path]:
    return {f"/-/{one.name}": one for one in PAGE.iterdir() if one.suffix in TYPES}


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()
