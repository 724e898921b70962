"""Who may enter when: guests, stays, grants, the reconciler, messages, their pages and tasks."""
