"""How dates and times are written, by language: what pages name instead of spelling a format out."""
