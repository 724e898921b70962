"""Who hosts what: users, organizations, memberships, Nuki accounts, properties, units, doors, smart locks."""
