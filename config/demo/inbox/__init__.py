"""The demo's mail server: takes every message for everybody, delivers none, and shows them all on a page."""
