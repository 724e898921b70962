"""Fills a database with businesses of very different sizes: to measure pages, or to look at much.

One business stands out, many have fifty doors, and one has three. The numbers are totals, the same seed gives
the same sample, and a run that was broken off goes on when it is started again. Nobody else may work on the
database meanwhile: its indexes are made at the end. Nothing is asked of Nuki, and nobody is written to.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.sample import build
from config.sample.plan import Sizes
from properties.clock import now


class Command(BaseCommand):
    help = "Fill an empty database with a sample as large as one likes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--doors", type=int, default=1_000, help="doors in all")
        parser.add_argument("--stays", type=int, default=100_000, help="stays in all")
        parser.add_argument("--events", type=int, default=500_000, help="what happened at doors in all")
        parser.add_argument("--seed", type=int, default=1, help="another one gives another sample")
        parser.add_argument("--beside-others", action="store_true", help="although businesses are there")
        parser.add_argument("--show", action="store_true", help="only say how far a sample has come")

    def handle(self, **options: Any) -> None:
        if not options["show"]:
            self._build(options)
        for line in build.what_is_there():
            self.stdout.write(line)

    def _build(self, options: dict[str, Any]) -> None:
        sizes = Sizes(options["doors"], options["stays"], options["events"], options["seed"])
        if sizes.doors < 1 or min(sizes.stays, sizes.events) < 0:
            raise CommandError("A sample has at least one door, and no fewer than no stays and events.")
        try:
            build.build(sizes, beside_others=options["beside_others"], say=self._say, now=now())
        except build.OtherDataIsThere:
            raise CommandError(
                "There are businesses in this database. Take an empty one, or say --beside-others."
            ) from None
        except build.AnotherSampleIsThere:
            raise CommandError(f"Another sample was begun here. {' '.join(build.what_is_there())}") from None

    def _say(self, sentence: str) -> None:
        self.stderr.write(sentence)
