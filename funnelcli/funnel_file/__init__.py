"""Bytes of funnel files and text of options to the model."""
