"""Commands of `manage.py` that put all parts together."""
