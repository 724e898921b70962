"""Tests of what `manage.py demo` runs."""
