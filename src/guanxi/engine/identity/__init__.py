"""Who vouches for people: OpenID Connect providers and LDAP directories, and the people they vouch for."""
