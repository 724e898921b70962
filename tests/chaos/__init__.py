"""Keyturn as real processes that are killed, stopped and restarted while hosts book, change and cancel.

`make chaos` runs it for a quarter of an hour, `make test` for two minutes; only the length differs. A
supervisor starts again what ended, after a second or two, as a service manager would. What counts:

* An intent is a booking, a change or a cancellation that was answered as done. Whoever got no answer asks
  again until there is one. A page that did not answer may still be at work on what it was asked, so a stay of
  which nobody knows that is left alone from then on.
* Each intent has to be on the locks as it was wanted, once, and nothing else of ours. That is judged on the
  simulated locks by their windows, each of which is used for one wish only, and on the mailbox; never on our
  own tables.
* All parts are hit, the simulator and the mailbox too. A simulator that is killed goes on from its state
  file, which lacks what happened in the last 0.2 s at most. What it forgets is a write that it had just
  accepted, and such writes get lost at Nuki too; what was on a lock is carried there again.
"""
