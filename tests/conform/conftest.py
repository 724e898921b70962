"""Alice's business, and Keyturn serving it in a process of its own, by the clock on the wall."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nuki_gateway.simulator import Simulator
from tests.browser.conftest import clock, simulator, workers
from tests.conform import running
from tests.worlds import Business

__all__ = ["clock", "simulator", "workers"]  # fixtures


@pytest.fixture
def product(alice: Business, simulator: Simulator, tmp_path: Path) -> Iterator[str]:  # noqa: ARG001
    """The address of the API of a running Keyturn."""
    with running.web(tmp_path / "web.log") as url:
        yield f"{url}/api/v1"
