"""A database elsewhere: its events counted there, through Ibis."""
