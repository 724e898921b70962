"""The REST API for the staff's programs: a way in beside the pages, which makes the same calls."""
