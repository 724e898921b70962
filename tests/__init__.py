"""Keyturn's tests: each package mirrors one of the source, and says in sentences what holds."""
