"""Recorded events, in files or a database, to the counts of a funnel."""
