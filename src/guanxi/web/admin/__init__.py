"""The administration: people, departments, roles, sharing, defaults, the security policy and the audit log."""
