"""Events in a file or a database to the counts of a funnel."""
