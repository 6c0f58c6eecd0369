"""The registry of rules by code. A new one is a function, a page in `docs.codes` and a line here."""

from funnelcli.lint import Rule, doubts, idle, stages

RULES: tuple[Rule, ...] = (
    doubts.uneven_breakdown,
    stages.unreachable_target,
    idle.idle_scenario,
    stages.lossless_stage,
    doubts.missing_currency,
    idle.idle_check,
    stages.few_units,
    idle.idle_key,
    doubts.endless_referral,
    doubts.uneven_budgets,
    stages.percentages,
    doubts.unordered_periods,
    doubts.sale_in_doubt,
)
