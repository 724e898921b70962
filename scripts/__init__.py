"""Programs for those who work on Keyturn."""
