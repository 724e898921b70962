"""Everything that is logged during a rehearsal, read for what no log may say."""

import logging
import re

SIX_DIGITS = re.compile(r"(?<![0-9A-Za-z])[1-9]{6}(?![0-9A-Za-z])")
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
MOST = 10_000


class Overheard(logging.Handler):
    """Keeps what looks like a code or an address, and nothing else of a record."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.digits: set[str] = set()
        self.addresses: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Read one record as it would be written."""
        text = str(record.msg) if isinstance(record.msg, dict) else record.getMessage()
        if len(self.digits) < MOST:
            self.digits.update(SIX_DIGITS.findall(text))
        self.addresses.update(ADDRESS.findall(text))
