"""Warnings about sound funnels, FN3xx: one module a rule, with its documentation. `rules` registers them."""
