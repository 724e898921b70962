"""A year of hosting in minutes: production code against the simulator, in virtual time, judged at locks."""
