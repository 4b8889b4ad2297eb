"""The same thing done with many records: a selection, a whole filter, or rows sent in one call.

What cannot be done to a record is left out and named with its reason; the rest is done, as one change set.
"""
