"""YAML text to positioned trees."""
