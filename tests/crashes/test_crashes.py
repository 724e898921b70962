"""Wherever a process dies, whoever comes after it brings everything to the same end (invariants of crashes).

Each story is told once undisturbed, and then once for each place at which a process can die in it.
"""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.crashes import house, stage, truth
from tests.crashes.house import House
from tests.crashes.stage import Stage
from tests.crashes.stories import STORIES, Story
from tests.crashes.truth import Truth

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

TO_REST = timedelta(minutes=15)  # in which all is right again
QUIET = timedelta(minutes=5)  # after that, in which nothing is written


@pytest.fixture
def a_house(transactional_db: None, tmp_path: Path, settings: Settings) -> Iterator[House]:  # noqa: ARG001
    settings.CACHES = {"default": {"BACKEND": "config.rehearsal.memory.Memory"}}
    settings.EMAIL_BACKEND = "config.rehearsal.letters.Letters"
    settings.PUBLIC_URL = "http://127.0.0.1:1"  # the simulator takes plain addresses on this machine
    logging.disable(logging.CRITICAL)
    with house.founded(tmp_path) as made:
        yield made
    logging.disable(logging.NOTSET)


# Every place of every story takes many minutes: `make crashes` does that, `make test` every so many of them
EVERY = int(os.environ.get("CRASH_PLACES_EVERY", "16"))


@pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in STORIES.items()])
def test_dying_anywhere_in_a_story_changes_nothing_of_its_end(a_house: House, story: Story) -> None:
    with stage.opened(a_house) as undisturbed:
        story(undisturbed)
        wanted, findings = come_to_rest(undisturbed)
        places = len(undisturbed.deaths.places)
    assert findings == []
    assert wanted.differences(wanted) == []
    assert places >= 5

    broken = []
    for place in range(len(story.__name__) % EVERY, places, EVERY):
        with stage.opened(a_house, die_at=place) as disturbed:
            story(disturbed)
            found, findings = come_to_rest(disturbed)
            findings += wanted.differences(found)
        broken += [f"{story.__name__}, {disturbed.deaths.told(place)}: {words}" for words in findings]

    assert "\n".join(broken) == ""


def come_to_rest(run: Stage) -> tuple[Truth, list[str]]:
    """Let nobody die any more; the truth then, and what is wrong whatever it is."""
    run.deaths.is_armed = False
    run.pass_time(TO_REST)
    written = len(run.writes)
    run.pass_time(QUIET)
    found = truth.of(run)
    deaths = int(run.deaths.has_killed)
    wrong = list(run.crew.errors)
    if len(run.writes) > written:
        wrong.append(f"{len(run.writes) - written} writes when all was quiet")
    if truth.repeated_letters(run) > deaths:
        wrong.append(f"{truth.repeated_letters(run)} letters came again")
    intended, unanswered = truth.intents()
    if not len(run.writes) <= intended <= len(run.writes) + deaths:
        wrong.append(f"{len(run.writes)} writes and {intended} intents")
    if unanswered > deaths:
        wrong.append(f"{unanswered} intents without an outcome")
    return found, wrong
