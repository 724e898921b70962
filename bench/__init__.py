"""How fast Keyturn is on this machine: `make bench`, or `python -m bench NAME`. Figures, not tests."""
