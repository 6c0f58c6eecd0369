"""Renderers, from results built by hand."""
