"""How a time may be written that no engine reads by itself: the `time_format` that a message proposes."""

from __future__ import annotations

from datetime import datetime
from itertools import product

_DAYS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y-%m-%d", "%Y/%m/%d"),
    *("%Y.%m.%d", "%Y%m%d"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d/%b/%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
)
_CLOCKS = ("", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_BETWEEN = (" ", "T", ", ", ":")
_ZONES = ("", " %z", "%z")


def formats_of(sample: str) -> list[str]:
    """The formats by which a text is a time, in the notation of strptime: two where day and month may change places."""
    found = []
    for day, clock, between, zone in product(_DAYS, _CLOCKS, _BETWEEN, _ZONES):
        form = f"{day}{between}{clock}{zone}" if clock else day
        if (not clock and (between, zone) != (_BETWEEN[0], "")) or any(form.count(x) != sample.count(x) for x in "./,"):
            continue
        try:
            datetime.strptime(sample, form)  # only whether it is one
        except ValueError:
            continue
        found.append(form)
    return list(dict.fromkeys(found))


def help_of(forms: list[str]) -> str:
    """What to write of them into the file."""
    return "write " + ", or ".join(f'time_format: "{form}"' for form in forms)
