"""Administering access: roles, people, sharing, defaults and the security policy. Every change is journaled and audited."""
