"""Commands of `manage.py` about who hosts what."""
