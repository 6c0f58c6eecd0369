"""FN302 and FN399, warnings that no rule of `lint` gives; those of the rules are explained where the rules are."""

from funnelcli.explanations import Explanation

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
