"""The embedded engine: files of events counted by DuckDB."""
