"""One demo for all journeys: it is the real thing, and starting it takes some seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys import the_demo
from tests.journeys.the_demo import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The whole product, made from nothing."""
    directory: Path = tmp_path_factory.mktemp("demo")
    with the_demo.running(directory) as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new visitor's page."""
    visit = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    yield visit.new_page()
    visit.close()
