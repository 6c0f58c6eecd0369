"""Results to text, through one document for all human formats."""
