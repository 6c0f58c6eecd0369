"""Reports for people who do not live in a terminal: a page, pictures, and Markdown for pull requests."""
