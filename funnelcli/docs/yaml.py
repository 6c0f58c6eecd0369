"""FN0xx: YAML and encoding."""

from funnelcli.docs import Explanation

EXPLANATIONS = {
    "FN001": Explanation(
        "A funnel file is text in UTF-8, and this one holds a byte that UTF-8 does not have. Spreadsheets and older "
        "editors often save in another encoding, and a guess at it could turn names into other letters. In the "
        "example, `\\xe9` stands for one byte: an accented e as Windows saves it.",
        """\
name: Caf\\xe9
stages: {Leads: 100, Sales: 20}
""",
        "Save the file as UTF-8: editors offer it under `Save as`, or in the status line.",
        """\
name: Café
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN002": Explanation(
        "A funnel file has at most 64 MiB. One person's funnels take a few kilobytes, so a larger file is most likely "
        "an export or a log that was named by mistake, and reading it would fill the memory.",
        """\
name: January
stages: {Leads: 100, Sales: 20}
---
name: February
stages: {Leads: 120, Sales: 30}
# ... and so on, for more than 64 MiB
""",
        "Check that the right file was named. Split a collection of funnels into several files; every command takes "
        "many of them. Count raw events first: a funnel file holds the counts, not the events.",
        """\
name: January
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN003": Explanation(
        "The file holds a control character. YAML does not allow it, because it cannot be seen, and a terminal may "
        "obey it. It usually comes along when text is copied from a terminal or a document. In the example, `\\x1b` "
        "stands for the escape character.",
        """\
name: Spring \\x1bsale
stages: {Leads: 100, Sales: 20}
""",
        "Delete the character: the message tells its line and column. If you cannot find it, type the line anew.",
        """\
name: Spring sale
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN004": Explanation(
        "The file is not YAML as it stands. The usual reasons are a colon without a space after it, a colon inside a "
        "text, another sign in place of a dash or colon, a bracket or quote that is not closed, and lines that are not "
        "indented alike. The message says which it is, and stands where the slip was made: a mend is told only if the "
        "file then reads further.",
        """\
name: Shop: spring
stages: {Leads: 100, Sales: 20}
""",
        "Write what the help says in place of the marked stretch. Where two readings are possible, it names both. Only "
        "where no slip is found, the message points at where the reader stopped; look at the line before, too.",
        """\
name: "Shop: spring"
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN005": Explanation(
        "A line is indented with a tab. YAML allows spaces only: a tab is as wide as the editor likes, so it does not "
        "say what belongs to what. In the example, `\\x09` stands for the tab.",
        """\
stages:
\\x09- {name: Leads, count: 100}
\\x09- {name: Sales, count: 20}
""",
        "Indent with spaces, two a level. Most editors can be told to type spaces when the tab key is pressed.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
""",
    ),
    "FN006": Explanation(
        "There is nothing in the file, or nothing between two lines `---`, but comments. A funnel that is not there "
        "would pass every check, so an empty file is an error.",
        """\
# the funnel of October
""",
        "Write a funnel; two stages are enough. Delete a line `---` that nothing follows.",
        """\
# the funnel of October
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN007": Explanation(
        "The same key stands twice at one place. Some YAML readers keep the first and some the last, so one of the two "
        "figures would get lost without a word.",
        """\
budget: 600
stages: {Leads: 100, Sales: 20}
budget: 650
""",
        "Keep one of the two. For two funnels in one file, put a line `---` between them.",
        """\
budget: 650
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN008": Explanation(
        "A tag, a word that begins with `!`, tells a YAML reader how to take a value. Here the key says that already, "
        "and tags can make other programs run code, so none is accepted.",
        """\
average_check: !!float 90
stages: {Leads: 100, Sales: 20}
""",
        "Delete the tag. A text that begins with `!` goes in quotes.",
        """\
average_check: 90
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN009": Explanation(
        "The key `<<` copies all keys of another mapping, but only in YAML 1.1: YAML 1.2 dropped it. Two programs "
        "would read two different funnels from the same file.",
        """\
stages:
  - &lead {name: Leads, count: 100}
  - {<<: *lead, name: Sales, count: 20}
""",
        "Write the keys out. To repeat a whole value, an anchor and an alias (`&name`, `*name`) are fine.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
""",
    ),
    "FN010": Explanation(
        "An alias, `*name`, repeats what its anchor, `&name`, marks. This one stands inside the very thing that it "
        "repeats: written out, the text would never end.",
        """\
stages: &all
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
  - *all
""",
        "Write the value out, or move the alias to where the marked value has ended.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
""",
    ),
    "FN011": Explanation(
        "Aliases repeat values, and aliases of aliases multiply them: written out, this document would have more than "
        "100,000 values. A few lines could fill the memory that way, so the reader stops.",
        """\
stages:
  - name: Leads
    count: 100
    when: {page: &pages [home, price, form]}
  - name: Sales
    count: 20
    when: {page: *pages}
    # ... and so on, to more than 100,000 values
""",
        "Write out the values that are needed, or split the file into several.",
        """\
stages:
  - name: Leads
    count: 100
  - name: Sales
    count: 20
""",
    ),
    "FN012": Explanation(
        "Lists and mappings stand inside each other more than 32 levels deep. A funnel needs five, so this is a slip "
        "of the brackets, or not a funnel.",
        f"""\
name: {"[" * 33}Shop{"]" * 33}
stages: {{Leads: 100, Sales: 20}}
""",
        "Delete the brackets that are not needed, and check that the right file was named.",
        """\
name: Shop
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN013": Explanation(
        "A key must be text. Written bare, a year, `true` or nothing at all is a number, a truth value or null, and "
        "then other programs do not find the name that was meant. A comma in a number, as in `{Leads: 1,200}`, also "
        "makes a key of what follows.",
        """\
stages: {Leads: 100, Sales: 20}
breakdowns:
  year:
    2026: [100, 20]
""",
        "Put the name in quotes. Write a number without commas: `1200`, or `12.5` with a point.",
        """\
stages: {Leads: 100, Sales: 20}
breakdowns:
  year:
    "2026": [100, 20]
""",
    ),
    "FN014": Explanation(
        "An alias, `*name`, repeats what an anchor, `&name`, marks further up in the same document. No such anchor "
        "stands before this one. A text that begins with `*` looks like an alias, too.",
        """\
name: *spring
stages: {Leads: 100, Sales: 20}
""",
        "Write the value out, or put `&spring` before it where it first stands. A text goes in quotes.",
        """\
name: "*spring"
stages: {Leads: 100, Sales: 20}
""",
    ),
    "FN015": Explanation(
        "A name holds a character that nobody can see: a zero-width or no-break space, a soft hyphen, a sign that "
        "turns the direction of writing. Two names would look alike and be different, and a scenario would not find "
        "its stage. It usually comes along when text is copied from a web page or a document. In the example, "
        "`\\u200b` is a zero-width space.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: "Sales\\u200b", count: 20}
""",
        "Delete the character: the message gives its number and place. Where a space is meant, type an ordinary one.",
        """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 20}
""",
    ),
    "FN016": Explanation(
        "The file was made by another program: an Excel workbook, a PDF, a picture, a packed file, a page of a web "
        "site, or the table of a spreadsheet as CSV. That is told by its first bytes or lines, whatever its name is. "
        "A funnel file is text that a person can type.",
        """\
Channel,Visits,Leads,Sales
Ads,2000,120,10
Search,1000,80,12
""",
        "A sheet goes into a funnel by way of CSV: save it as `CSV UTF-8`, then "
        "`funnelcli measure --counts SHEET.csv > funnel.yaml`. Data of events are counted by "
        "`funnelcli measure FUNNEL.yaml --from FILE`. Anything else is typed: `funnelcli init` writes a file to start "
        "from.",
        """\
stages: {Visits: 3000, Leads: 200, Sales: 22}
breakdowns:
  Channel:
    Ads: [2000, 120, 10]
    Search: [1000, 80, 12]
""",
    ),
}
"""Files that are not readable text, or not plain YAML."""
