"""Who may see and do what: people, departments, roles, scopes, grants, field rules."""
