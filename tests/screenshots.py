"""Pictures of all main pages, wide and narrow, light and dark, in var/screenshots or the folder named.

The demo runs for it in a directory of its own, and its guests have come in. Nothing is compared: people look.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests import chromium
from tests.journeys import the_demo
from tests.journeys.the_demo import PROJECT, SIGN_IN, Demo

FOLDER = PROJECT / "var" / "screenshots"
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
BUSINESS = "/b/harbour-stays"
LONG_ENOUGH = 15_000  # milliseconds for a page on a busy machine

# a page, where it is, and on that page the words of a link that leads on to it
PAGES: dict[str, tuple[str, str]] = {
    "today": ("/", ""),
    "timeline": ("/timeline", ""),
    "stays": ("/stays/all", ""),
    "stay": ("/stays/all", "Mina Sato"),
    "stay-offline": ("/stays/all", "Ana Silva"),
    "book": ("/stays/book", ""),
    "guests": ("/guests", ""),
    "guest": ("/guests", "Mina Sato"),
    "doors": ("/doors", ""),
    "lock": ("/doors", "Flat 2"),
    "activity": ("/activity", ""),
    "alerts": ("/alerts", ""),
    "audit": ("/audit?who=all", ""),
    "properties": ("/properties", ""),
    "property": ("/properties", "Harbour House"),
    "nuki-accounts": ("/nuki-accounts", ""),
    "team": ("/team", ""),
    "settings": ("/settings", ""),
    "messages": ("/settings/messages", ""),
    "start": ("/start", ""),
}
WITHOUT_SIGNING_IN = {"sign-in": "/accounts/login/"}


@dataclass(frozen=True)
class Look:
    """A window of one size and colour scheme."""

    size: str
    scheme: str

    def opened(self, browser: Browser) -> BrowserContext:
        """A new window; nobody is signed in."""
        width, height = SIZES[self.size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if self.scheme == "dark" else "light",
            locale="en-GB",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(LONG_ENOUGH)
        return context


def main(words: Sequence[str]) -> int:
    """Take the pictures, and say where they are."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--window", action="store_true", help="only what a window shows without scrolling")
    chosen = parser.parse_args(words)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, the_demo.running(Path(directory)) as demo:
        demo.settled_counts()
        _come_in(demo)
        with chromium.running() as browser:
            for path in _pictures(browser, demo.urls["keyturn"], chosen):
                sys.stdout.write(f"{path}\n")
                sys.stdout.flush()
    return 0


def _come_in(demo: Demo) -> None:
    """The guests who are in the house open their doors, and one types a wrong code."""
    for name in ("Harbour front door", "Flat 2", "Flat 3"):
        codes = [entry["code"] for entry in demo.doors()[name]["on_the_lock"]]
        for code in codes[:2]:
            demo.type_code(name, str(code))
    demo.type_code("Flat 2", "998877")
    demo.settled_counts()


def _pictures(browser: Browser, base: str, chosen: argparse.Namespace) -> Iterator[Path]:
    for look in (Look(size, scheme) for size in SIZES for scheme in SCHEMES):
        with look.opened(browser) as context:
            page = context.new_page()
            for name, path in WITHOUT_SIGNING_IN.items():
                if chosen.only in name:
                    page.goto(base + path)
                    yield _picture(page, chosen, name, look)
            _sign_in(page, base)
            for name, (path, words) in PAGES.items():
                if chosen.only in name:
                    _open(page, base + BUSINESS + path, words)
                    yield _picture(page, chosen, name, look)


def _sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.get_by_label("Email").fill(SIGN_IN["login"])
    page.get_by_label("Password").fill(SIGN_IN["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()


def _open(page: Page, url: str, words: str) -> None:
    """The page itself, or the first one that a link with these words leads to."""
    page.goto(url)
    if words:
        page.locator("main").get_by_role("link", name=re.compile(rf"^{re.escape(words)}")).first.click()
        page.wait_for_url(lambda there: there != url)


def _picture(page: Page, chosen: argparse.Namespace, name: str, look: Look) -> Path:
    """What the window shows; one as high as the page, unless only that of a usual one is asked for."""
    path: Path = chosen.folder / f"{name}-{look.size}-{look.scheme}.png"
    width, height = SIZES[look.size]
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": height if chosen.window else max(height, whole)})
    page.screenshot(path=path, animations="disabled")
    page.set_viewport_size({"width": width, "height": height})
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
