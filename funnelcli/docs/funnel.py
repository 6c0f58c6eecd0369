"""FN1xx: the funnel itself."""

from funnelcli.docs import Explanation

EXPLANATIONS = {
    "FN101": Explanation(
        "The key is none of those that a funnel, a stage or a segment has. A misspelt key that was passed over would "
        "leave a figure out of the reports without a word.",
        """\
budgets: 600
stages: {Leads: 100, Sales: 20}
""",
        "Correct the spelling: the message names the nearest key. A remark of your own goes into `description`, or "
        "into a comment after `#`.",
        """\
budget: 600
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN102": Explanation(
        "Something that a funnel needs is not written: its stages, the name of a stage, or how many units reach it. "
        "Nothing can be computed in its place.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales}
""",
        "Write what the message asks for. The first stage needs a `count`; every other has a `count` or a "
        "`conversion`.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
""",
    ),
    "FN103": Explanation(
        "The value is of another kind than its key takes: a word for a number, a list for a single value, a percentage "
        "for a count.",
        """\
stages: {Leads: a hundred, Sales: 20}
""",
        "Write a value of the kind that the message names. Counts and amounts are digits: `100`, `1515.15`.",
        """\
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN104": Explanation(
        "More units reach a stage than the one it comes from, so its conversion would be above 100%. People can leave "
        "a funnel on the way, but not appear in it: most likely two stages are swapped, or a digit is wrong.",
        """\
stages: {Visits: 900, Signups: 1200}
""",
        "Correct the counts or swap the stages. If the stage follows another one, say so with `from`. Where one unit "
        "does become several, as an order becomes parcels, set `allow_growth: true` on the stage.",
        """\
stages: {Visits: 1200, Signups: 900}
""",
    ),
    "FN105": Explanation(
        "A funnel leads from one stage to another. With one stage or none there is no step, and nothing to compute.",
        """\
stages: {Sales: 20}
""",
        "Add the stage that people come from, or the one that they go to.",
        """\
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN106": Explanation(
        "Two things of one kind have the same name, so `conversion@Call` could mean either. The name `baseline` is "
        "taken, too: it is the funnel as it is, beside its scenarios.",
        """\
stages:
  - {name: Call, count: 100}
  - {name: Call, count: 40}
""",
        "Give one of them another name.",
        """\
stages:
  - {name: First call, count: 100}
  - {name: Second call, count: 40}
""",
    ),
    "FN107": Explanation(
        "Counts, amounts of money, days and rates cannot be below 0. A minus usually comes from an export that books "
        "returns as negative sales, or from a dash that was meant as a list.",
        """\
stages: {Leads: 100, Sales: -20}
""",
        "Write 0 or more. Take returns off the count, or make them a stage of their own; money that is spent is a "
        "`cost` or the `budget`, written without a minus.",
        """\
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN108": Explanation(
        "A stage has both a count and a conversion. Each follows from the other, and when one is corrected later the "
        "two would contradict each other.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, conversion: 20%}
""",
        "Keep the count when it was measured, and the conversion when it is an assumption.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
""",
    ),
    "FN109": Explanation(
        "The rate is above 100%. More units than come in cannot go on, and more than the whole revenue cannot be left "
        "as a margin.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, conversion: 120%}
""",
        "Correct the rate. Where one unit does become several, set `allow_growth: true` on the stage.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, conversion: 12%}
""",
    ),
    "FN110": Explanation(
        "A stage says with `from` which stage it converts from, and that must be one further up. A stage that comes "
        "from itself, from a later one, or from a name that does not exist would go round in circles or nowhere.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Offers, count: 50, from: Sales}
  - {name: Sales, count: 20}
""",
        "Name a stage above, or leave `from` out when the stage comes from the one right before it.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Offers, count: 50, from: Leads}
  - {name: Sales, count: 20}
""",
    ),
    "FN111": Explanation(
        "A target is the step conversion that is aimed at. It lies between 0% and 100%: nobody can win more than "
        "everyone.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, target: 130%}
""",
        "Write the conversion of the step. For 130% of last year's sales, work out the conversion that brings them.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, target: 26%}
""",
    ),
    "FN112": Explanation(
        "A scenario, a check, a segment or the referral names a stage that this funnel does not have.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - conversion@Sale >= 10%
""",
        "Write the name as it stands under `stages`; capitals do not matter.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - conversion@Sales >= 10%
""",
    ),
    "FN113": Explanation(
        "The money of one stage is given twice. The funnel's `average_check` belongs to the sale, which is the stage "
        "with the role `customer`, else the last one, and a stage's `revenue` is its average check times its count: "
        "which of the two holds cannot be told. A segment's `average_check` belongs to the sale as well, and is "
        "refused where other stages bring money too.",
        """\
average_check: 90
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, average_check: 95}
""",
        "Keep one of the two.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, average_check: 95}
""",
    ),
    "FN114": Explanation(
        "A segment has fewer or more counts than the funnel has stages, so nobody can tell which count belongs where.",
        """\
stages: {Leads: 100, Sales: 20}
breakdowns:
  channel:
    Ads: [100]
""",
        "Write one count for each stage, in their order; 0 is a count, too. Or name them: `{Leads: 100, Sales: 20}`.",
        """\
stages: {Leads: 100, Sales: 20}
breakdowns:
  channel:
    Ads: [100, 20]
""",
    ),
    "FN115": Explanation(
        "A selector names a figure: `revenue`, or `conversion@Sales` for that of a stage. This one names none that "
        "exists, lacks its stage or has one too many, or is a result that a scenario cannot change.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - conversion >= 10%
""",
        "Write `metric`, or `metric@Stage` where the figure belongs to a stage. Scenarios change what a result comes "
        "from: counts, conversions, average checks, costs, the budget.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - conversion@Sales >= 10%
""",
    ),
    "FN116": Explanation(
        "The change has none of the forms that a scenario knows, or one that does not fit the figure: percentage "
        "points change a rate only, and `+500` only counts and money.",
        """\
stages: {Leads: 100, Sales: 20}
scenarios:
  Better scripts: {conversion@Sales: 10 pp}
""",
        "Write `+20%` or `-5%` for a relative change, `+10pp` for points of a rate, `x1.6` for a factor, `+500` to "
        "add, or the new value alone.",
        """\
stages: {Leads: 100, Sales: 20}
scenarios:
  Better scripts: {conversion@Sales: +10pp}
""",
    ),
    "FN117": Explanation(
        "A check reads: figure, comparison, limit. Something of it is missing or not understood. A confidence is "
        "possible for conversions only, because only they have an interval.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - conversion@Sales = 10%
""",
        "Write `SELECTOR OP VALUE` with one of `>=`, `<=`, `>`, `<` and `==`, and `with 95% confidence` after it if "
        "you like.",
        """\
stages: {Leads: 100, Sales: 20}
checks:
  - conversion@Sales >= 10%
""",
    ),
    "FN118": Explanation(
        "The change is well written, but this funnel cannot take it: a conversion would pass 100%, a figure would fall "
        "below 0, or there is nothing to change, such as a budget that is not given.",
        """\
stages: {Leads: 100, Sales: 20}
scenarios:
  Better scripts: {conversion@Sales: x6}
""",
        "Choose a smaller change, or give the funnel the figure that is to be changed.",
        """\
stages: {Leads: 100, Sales: 20}
scenarios:
  Better scripts: {conversion@Sales: x1.6}
""",
    ),
    "FN119": Explanation(
        "The number has more than 40 characters, or is above 1e18: a billion billions. No funnel is that large, so it "
        "is a slip or two numbers that ran together.",
        """\
stages: {Leads: 10000000000000000000000, Sales: 20}
""",
        "Correct the number. Decimals beyond the 40th character can go.",
        """\
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN120": Explanation(
        "The key takes one of a few words, and this is none of them. A `role` is `impression`, `click`, `lead` or "
        "`customer`; the `order` of `measure` is `ordered`, `strict` or `any`, `entry` is `any`, `first` or `last`.",
        """\
stages:
  - {name: Leads, count: 100, role: prospect}
  - {name: Sales, count: 20}
""",
        "Write one of the words, in small letters, or leave the key out.",
        """\
stages:
  - {name: Leads, count: 100, role: lead}
  - {name: Sales, count: 20}
""",
    ),
    "FN121": Explanation(
        "A name or text is empty, or a name has a space at its end that nobody sees. Such a name could not be found in "
        "a report or typed in a selector.",
        """\
name: ""
stages: {Leads: 100, Sales: 20}
""",
        "Write the name without spaces around it. A key that is not needed can be left out.",
        """\
name: Shop
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN122": Explanation(
        "A stage has revenue, but nobody reached it. The average check would be a division by zero, so one of the two "
        "figures is wrong.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 0, revenue: 1800}
""",
        "Correct the count. Where the period had no sales yet, leave the revenue out, or write `average_check`.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, revenue: 1800}
""",
    ),
    "FN123": Explanation(
        "Two stages have the same role. A role gives money its name: the cost of a `lead` is the CPL, and with two of "
        "them there would be two different CPLs.",
        """\
stages:
  - {name: Contacts, count: 100, role: lead}
  - {name: Offers, count: 50, role: lead}
  - {name: Sales, count: 20}
""",
        "Keep the role at the stage whose cost you mean.",
        """\
stages:
  - {name: Contacts, count: 100, role: lead}
  - {name: Offers, count: 50}
  - {name: Sales, count: 20}
""",
    ),
    "FN124": Explanation(
        "What `when` asks of a column is met by no event, or by every event that has a value there. The values of a "
        "list are alternatives: `!= DE` or `!= AT` is true of every country.",
        """\
stages:
  - {name: Visits, count: 100, when: {country: ["!= DE", "!= AT"]}}
  - {name: Sales, count: 20, when: {event: sale}}
""",
        "Write what must hold together as one mapping, or as `not in`.",
        """\
stages:
  - {name: Visits, count: 100, when: {country: {not in: [DE, AT]}}}
  - {name: Sales, count: 20, when: {event: sale}}
""",
    ),
}
"""Funnels that cannot be, or say too little."""
