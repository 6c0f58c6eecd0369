"""Statistics of rates and samples: pure functions of numbers, each with its source."""
