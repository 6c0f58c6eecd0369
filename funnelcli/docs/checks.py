"""FN4xx: checks that have not passed."""

from funnelcli.docs import Explanation

EXPLANATIONS = {
    "FN401": Explanation(
        "The figure is beyond the limit that the file sets under `checks`. With a confidence, its whole interval is. "
        "The file itself is sound: the funnel does not do what it should.",
        """\
stages: {Invoice sent: 100, Paid: 40}
checks:
  - conversion@Paid >= 45%
""",
        "Look at the stage: the message gives the figure, the limit and how far they are apart. When the limit no "
        "longer fits the business, change it in the file, where others can review it.",
        """\
stages: {Invoice sent: 100, Paid: 40}
checks:
  - conversion@Paid >= 35%
""",
    ),
    "FN402": Explanation(
        "The check asks for a confidence, and the interval of the figure contains the limit: so few units could have "
        "come out on either side of it by chance. The check has neither passed nor failed. In the example, 50 of 100 "
        "may stand for a true conversion of 40% as well as of 60%.",
        """\
stages: {Invoice sent: 100, Paid: 50}
checks:
  - conversion@Paid >= 45% with 95% confidence
""",
        "Collect more units, for example over a longer period; the message tells how many more would decide. Or leave "
        "the confidence out, and the bare figure is held against the limit.",
        """\
stages: {Invoice sent: 1000, Paid: 500}
checks:
  - conversion@Paid >= 45% with 95% confidence
""",
    ),
    "FN403": Explanation(
        "The figure does not exist, so it cannot keep the limit: a step out of an empty stage has no conversion, and "
        "without a budget there is no cost of a sale. A check that cannot be answered fails, lest a missing number "
        "look like a good one.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - cost_per@Sales <= 30
""",
        "Add what the figure needs; the message names it. Delete the check if the funnel has no such figure.",
        """\
budget: 600
stages: {Leads: 100, Sales: 20}
checks:
  - cost_per@Sales <= 30
""",
    ),
    "FN404": Explanation(
        "The limit is the same figure of an earlier funnel, the `baseline`, and none was given. The check has neither "
        "passed nor failed.",
        """\
stages: {Invoice sent: 100, Paid: 50}
checks:
  - conversion@Paid >= baseline - 2pp
""",
        "Name the earlier file: `funnelcli check FILE --baseline EARLIER`. Where there is none, write the limit as a "
        "figure.",
        """\
stages: {Invoice sent: 100, Paid: 50}
checks:
  - conversion@Paid >= 48%
""",
    ),
}
"""Results of checks other than a pass."""
