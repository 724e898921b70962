"""docs/gateway.md names what there is, and its first example works."""

import re
from pathlib import Path

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.simulator import Lock, Simulator
from nuki_gateway.webhooks import Delivery
from tests.nuki_gateway.conftest import TOKEN

PAGE = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text(encoding="utf-8")


def first_cells_of(heading: str, *, cell: int = 1) -> set[str]:
    """What stands in backquotes in one column of the table below a heading."""
    table = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row[cell])}


def test_every_call_stands_in_the_table_of_calls() -> None:
    calls = {name for name in dir(NukiClient) if not name.startswith("_")}

    assert first_cells_of("Calls", cell=2) == calls


def test_every_error_stands_in_the_table_of_errors() -> None:
    kinds = {name for name in vars(errors) if name.startswith("Nuki")}

    assert first_cells_of("Errors") == kinds - {"NukiError"}


def test_every_kind_of_news_stands_in_the_table_of_news() -> None:
    assert first_cells_of("Webhooks") == {kind.__name__ for kind in Delivery.__args__}


def test_the_first_example_puts_its_code_on_each_lock_that_takes_one(
    simulator: Simulator, door: Lock, url: str
) -> None:
    example = PAGE.partition("```python\n")[2].partition("```")[0]
    written = example.replace("https://api.nuki.io", url).replace("an API token", TOKEN)

    exec(compile(written, "docs/gateway.md", "exec"), {})  # noqa: S102  the page's own text
    simulator.settle()

    (listed,) = NukiClient(url, TOKEN).keypad_codes(door.smartlock_id)
    assert (listed.name, listed.code) == ("guest-7Q2M", "384174")
