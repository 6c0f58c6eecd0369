"""FN302 and FN399, warnings that no rule of `lint` gives; those of the rules are explained where the rules are."""

from funnelcli.docs import Explanation

EXPLANATIONS = {
    "FN302": Explanation(
        "The command `scenario` compares a funnel with its what-ifs, and this one has none. Nothing is wrong with the "
        "file: the funnel is only left out of the report.",
        """\
stages: {Leads: 100, Sales: 20}
""",
        "Add `scenarios` to the file: a name, and under it what changes. For a quick try, leave the file as it is and "
        "use `--set`, as in `funnelcli scenario FILE --set conversion@Sales=+5pp`.",
        """\
stages: {Leads: 100, Sales: 20}
scenarios:
  Better scripts: {conversion@Sales: +5pp}
""",
    ),
    "FN315": Explanation(
        "The file says which events reach the stages, and has no counts yet. It is sound so far; there is nothing to "
        "show, and its limits are neither kept nor broken.",
        """\
measure: {unit: user_id, time: created_at}
stages:
  - {name: Visits, when: {event: visit}}
  - {name: Sales, when: {event: sale}}
""",
        "Let `funnelcli measure FILE --from EVENTS --update` fill the counts in, or write them.",
        """\
measure: {unit: user_id, time: created_at}
stages:
  - {name: Visits, count: 1000, when: {event: visit}}
  - {name: Sales, count: 120, when: {event: sale}}
""",
    ),
    "FN399": Explanation(
        "A comment `# funnelcli: ignore[CODE]` silences a warning on its line, and here there is nothing to silence: "
        "the reason has gone, the code is misspelt or is that of an error, or the comment stands in another line. Left "
        "alone, it would hide the next warning that nobody has looked at.",
        """\
stages: {Leads: 100, Sales: 40}  # funnelcli: ignore[FN305]
""",
        "Delete the comment, or correct its code or its place: at the end of the line that the warning names, or alone "
        "on the line above.",
        """\
stages: {Leads: 100, Sales: 40}
""",
    ),
}
"""Warnings about what is asked of a file, and about its comments."""
