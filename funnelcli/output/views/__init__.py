"""One view an analysis: its result to a document."""
