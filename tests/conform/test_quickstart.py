"""The examples of docs/quickstart.md, run as they stand there at a running Keyturn."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from access.models import AuditEntry, AuditKind, Stay
from properties.clock import now
from tests.access.api import programs
from tests.browser.conftest import Workers
from tests.worlds import Business

QUICKSTART = settings.BASE_DIR / "docs" / "quickstart.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LONGEST = 120  # seconds, on a machine that has much else to do

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("conform")]


def test_the_python_of_the_quickstart_books_waits_changes_and_cancels(
    product: str, alice: Business, workers: Workers, tmp_path: Path
) -> None:
    said = run([sys.executable, "-c", examples("python")], product, alice, workers, tmp_path)

    units, (booked, ready), grants, (changed, moved, cancelled) = said[:4], said[4:6], said[6:8], said[8:]
    assert units == [f"unit_{one.pk} {one.name}" for one in alice.flats.values()]
    stay = Stay.objects.get()
    assert booked.startswith(f"stay_{stay.pk} moving Ada Vogel's code is on its way to ")
    assert ready == "Ada Vogel's code is on both doors."
    doors = [f"door_{alice.doors[name].pk} confirmed 20" for name in ("Front door", "Flat 1")]
    assert [line[: len(door)] for line, door in zip(grants, doors, strict=True)] == doors
    assert changed.endswith("Z 1")
    assert moved == f"unit_{alice.flats['Flat 2'].pk} Ready"
    assert cancelled.startswith("cancelled 20")
    kinds = AuditEntry.objects.filter(stay=stay, api_key__isnull=False).order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        AuditKind.STAY_BOOKED,
        AuditKind.STAY_CHANGED,
        AuditKind.STAY_CHANGED,
        AuditKind.STAY_CANCELLED,
    ]


def test_the_curl_of_the_quickstart_books_changes_and_cancels(
    product: str, alice: Business, workers: Workers, tmp_path: Path
) -> None:
    run(["sh", "-euc", examples("sh")], product, alice, workers, tmp_path)

    stay = Stay.objects.select_related("guest").get()
    assert (stay.external_id, stay.guest.name) == ("R-1002", "Cleo Lind")
    assert (stay.ends_at - stay.starts_at).total_seconds() == (2 * 24 + 19) * 3600
    assert stay.cancelled_at is not None


def examples(language: str) -> str:
    """All blocks of a language, one after another."""
    return "\n".join(code for named, code in BLOCK.findall(QUICKSTART.read_text()) if named == language)


def run(words: list[str], product: str, business: Business, workers: Workers, directory: Path) -> list[str]:
    """Run a program with a key while the workers work; the lines that it prints."""
    _, key = programs.made(business, now())
    printed, ends = directory / "printed", time.monotonic() + LONGEST
    with printed.open("w") as out:
        environment = {"PATH": "/usr/bin:/bin", "KEYTURN": product, "KEY": key}
        running = subprocess.Popen(words, env=environment, stdout=out, stderr=subprocess.STDOUT)
        while running.poll() is None and time.monotonic() < ends:
            workers.tick()
            time.sleep(0.05)
        running.kill()
    assert running.wait() == 0, printed.read_text()
    return printed.read_text().splitlines()
