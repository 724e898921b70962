"""`manage.py demo`: everything that Keyturn needs, on one machine, with one command and no installation."""
