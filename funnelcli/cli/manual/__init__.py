"""The manual as the program tells it: its topics, the tables that stand in its pages, and what a person asked for."""
