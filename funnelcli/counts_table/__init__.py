"""A spreadsheet's table of counts to stages and segments."""
