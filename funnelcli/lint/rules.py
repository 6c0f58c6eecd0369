"""The registry of rules by code: a function under its code in one of these modules, and a page in `docs.codes`."""

from funnelcli.lint import Rule, doubts, idle, stages

RULES = tuple(sorted(each for room in (doubts, idle, stages) for each in vars(room).values() if isinstance(each, Rule)))
