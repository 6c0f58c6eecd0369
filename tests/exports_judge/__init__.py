"""A judge of `import` that knows the truth: exports are made from known funnels, spoiled, and read."""
