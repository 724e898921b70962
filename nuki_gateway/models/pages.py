"""One page of a list that is given in pages."""

from dataclasses import dataclass
from typing import Any, Self

from nuki_gateway.models import reading


@dataclass(frozen=True)
class Page:
    """Its items as they came, and what it says about those that follow."""

    results: tuple[Any, ...]
    total_pages: int | None
    names_next: bool  # a number or an address: the definition says a text, nothing says which

    def has_next(self, number: int, page_size: int) -> bool:
        """Whether there are more after this one, the `number`th from 0 on. A full one may have a next."""
        if self.total_pages is not None:
            return number + 1 < self.total_pages
        return self.names_next or len(self.results) >= page_size

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read a page."""
        pagination = reading.if_readable(reading.part, body, "pagination") or {}
        return cls(
            results=tuple(reading.items(body, "results")),
            total_pages=reading.if_readable(reading.optional_number, pagination, "totalPages"),
            names_next=reading.is_named(pagination, "nextPage"),
        )
