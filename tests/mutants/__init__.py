"""Mutants: one wrong idea each, put into a copy of the code, and the test or rehearsal that must notice it.

`python -m tests.mutants [name ...]` says which were noticed. One that survives is a hole in the tests.
"""
