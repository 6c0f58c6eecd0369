"""Files as they were: revisions of git, what changed between two, and the commits of a file."""
