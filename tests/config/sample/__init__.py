"""Tests of the sample: what it is made of, and that building it can be broken off."""
