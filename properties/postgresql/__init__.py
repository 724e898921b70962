"""The database engine: PostgreSQL, told whose rows may be seen."""
