"""Figures of a funnel: pure, from the model to frozen results."""
