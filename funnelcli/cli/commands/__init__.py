"""One file a command; `cli.app` registers them."""
