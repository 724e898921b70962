"""Tests of the composition root: settings, embedded servers, the demo."""
