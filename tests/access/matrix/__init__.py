"""Every route × every id × every kind of person: who may use what, held against the independent model of the rules."""
