"""The definition of a funnel as text of SQL, for review, for schedulers and for dbt."""
