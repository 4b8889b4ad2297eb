"""Taking the data of a person out of the history, for whoever has the right to be forgotten."""
