"""FN2xx: values that two readers would take for two different things."""

from funnelcli.docs import Explanation

EXPLANATIONS = {
    "FN201": Explanation(
        "To YAML 1.1 the bare words `yes`, `no`, `on`, `off`, `y` and `n` are true or false; to YAML 1.2 they are "
        "text. So the country code `NO` is Norway to one program and `false` to the next.",
        """\
stages: {Leads: 100, Sales: 20}
breakdowns:
  country:
    NO: [100, 20]
""",
        "Put the word in quotes when a text is meant. Write `true` or `false` for a truth value.",
        """\
stages: {Leads: 100, Sales: 20}
breakdowns:
  country:
    "NO": [100, 20]
""",
    ),
    "FN202": Explanation(
        "To YAML 1.1, digits with colons are a number in base 60: `1:30` is 90. To YAML 1.2 they are text.",
        """\
name: 1:30
stages: {Leads: 100, Sales: 20}
""",
        "Put a time or a ratio in quotes. Where a number is meant, write it as a decimal: 1.5 rather than 1:30.",
        """\
name: "1:30"
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN203": Explanation(
        "To YAML 1.1, a leading zero means an octal number: `0100` is 64. To YAML 1.2 it is 100.",
        """\
stages: {Leads: 0100, Sales: 20}
""",
        "Delete the zeros in front. A code that begins with a zero goes in quotes when it is a name.",
        """\
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN204": Explanation(
        "`0x64`, `0o144` and `0b1100100` are the number 100 in base 16, 8 and 2. YAML versions do not read them alike, "
        "and nobody reviews a funnel in base 16.",
        """\
stages: {Leads: 0x64, Sales: 20}
""",
        "Write the number in decimal digits. An identifier that looks like this goes in quotes.",
        """\
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN205": Explanation(
        "YAML 1.1 skips underscores between digits; to YAML 1.2, `1_000` is a text and no number.",
        """\
stages: {Leads: 1_000, Sales: 20}
""",
        "Write the digits without underscores. A name that looks like this goes in quotes.",
        """\
stages: {Leads: 1000, Sales: 20}
""",
    ),
    "FN206": Explanation(
        "The number is written with commas, spaces or apostrophes between its digits. What parts thousands in one "
        "country is the decimal sign in another: `1,515` may be a thousand and a half, or one and a half.",
        """\
average_check: 1,515.15
stages: {Leads: 100, Sales: 20}
""",
        "Write digits only, and a point before the decimals. The reports set the thousands apart by themselves.",
        """\
average_check: 1515.15
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN207": Explanation(
        "The amount carries a currency sign or code, and to YAML that makes it a text. A funnel has one currency, so "
        "that its amounts can be added up.",
        """\
average_check: $90
stages: {Leads: 100, Sales: 20}
""",
        "Write the bare amount, and name the currency once, with the key `currency`.",
        """\
average_check: 90
currency: USD
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN208": Explanation(
        "The value is `nan` or infinity in one of its spellings. It usually comes from an export that divided by zero; "
        "every figure computed from it would be nonsense as well.",
        """\
budget: .inf
stages: {Leads: 100, Sales: 20}
""",
        "Write the number, or leave the key out when it is not known.",
        """\
budget: 600
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN209": Explanation(
        "A bare date such as `2026-10-01` is a date to YAML 1.1 and a text to YAML 1.2, and each program would show it "
        "in its own way.",
        """\
period: 2026-10-01
stages: {Leads: 100, Sales: 20}
""",
        "Put the date in quotes. A month, `2026-10`, needs none.",
        """\
period: "2026-10-01"
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN210": Explanation(
        "A rate is written as `33%`, `0.33` or `1/3`. A bare number above 1 is most likely a percentage without its "
        "sign, but it may be a slip as well: 33 times as many. So it is asked back, not guessed.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, target: 33}
""",
        "Add the percent sign, or write a fraction of 1.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20, target: 33%}
""",
    ),
    "FN211": Explanation(
        "A name like `1e3` is a text to one version of YAML and the number 1000 to the other, and then the name would "
        "change with the program that reads it.",
        """\
name: 1e3
stages: {Leads: 100, Sales: 20}
""",
        "Put the name in quotes. As a count or an amount, `1e3` may stay: there a number is meant anyway.",
        """\
name: "1e3"
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN212": Explanation(
        "In half of Europe a point parts thousands, and `12.400` visits are twelve thousand four hundred; elsewhere "
        "they are 12.4. Nobody can tell which is meant, so a count or an amount with a point before exactly three "
        "digits is asked back. `0.125` is not, nor is money of a currency with three decimals, such as KWD.",
        """\
stages: {Visits: 12.400, Sales: 12}
""",
        "Write 12400 if thousands are meant, and 12.4 if not. Where three decimals are needed, add a fourth: 12.3450.",
        """\
stages: {Visits: 12400, Sales: 12}
""",
    ),
}
"""Values that YAML versions, countries or people read differently."""
