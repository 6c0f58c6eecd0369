"""Funnel files made up from a fixed seed: every run of every script reads the same ones."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261001
STAGES = ("Impressions", "Clicks", "Visitors", "Sign-ups", "Leads", "Meetings", "Offers", "Sales")
_ROLES = {"Impressions": "impression", "Clicks": "click", "Leads": "lead", "Sales": "customer"}


def funnels(amount: int, variant: int = 0) -> Iterator[str]:
    """Texts of funnel files of eight stages, with some of the optional keys. Variants have other names and numbers."""
    random = Random(SEED + variant)
    for number in range(1, amount + 1):
        lines = [
            "# Generated for the speed comparisons.",
            f"name: Funnel {variant}-{number:05d}",
            f"period: Week {random.randint(1, 52)}",
            f"currency: {random.choice(('EUR', 'USD', 'GBP'))}",
            f"budget: {random.randint(1000, 90_000)}",
        ]
        if random.random() < 0.5:
            lines.append(f"gross_margin: {random.randint(20, 80)}%")
        lines.append("stages:")
        for name, count in zip(STAGES, _counts(random, random.randint(200_000, 900_000)), strict=True):
            lines += [f"  - name: {name}", f"    count: {count}"]
            if name in _ROLES:
                lines.append(f"    role: {_ROLES[name]}")
            if name == STAGES[-1]:
                lines.append(f"    average_check: {random.randint(100, 9000)}.{random.randint(10, 99)}")
            elif name != STAGES[0] and random.random() < 0.3:
                lines.append(f"    target: {random.randint(10, 90)}%")
        yield "\n".join(lines) + "\n"


def documents(size: int, variant: int = 0) -> tuple[str, int]:
    """The same files as `---` documents of one text of at least `size` bytes, and how many there are."""
    average = len(next(funnels(1, variant)))
    texts: list[str] = []
    length = 0
    for text in funnels(2 * size // average, variant):
        texts.append(f"---\n{text}")
        length += len(texts[-1])
        if length >= size:
            break
    return "".join(texts), len(texts)


def large_funnel(size: int, variant: int = 0) -> tuple[str, int]:
    """One funnel of eight stages with a breakdown, at least `size` bytes of text, and how many segments that makes.

    A segment is a list of counts; the stages have the sums.
    """
    random = Random(SEED + variant)
    sums = [0] * len(STAGES)
    segments: list[str] = []
    length = 0
    while length < size:
        counts = _counts(random, random.randint(20_000, 90_000))
        sums = [total + count for total, count in zip(sums, counts, strict=True)]
        segments.append(f"    Campaign {variant}-{len(segments):06d}: [{', '.join(map(str, counts))}]\n")
        length += len(segments[-1])
    stages = "".join(f"  - {{name: {name}, count: {total}}}\n" for name, total in zip(STAGES, sums, strict=True))
    head = f"name: Large funnel {variant}\ncurrency: EUR\nstages:\n{stages}breakdowns:\n  campaign:\n"
    return head + "".join(segments), len(segments)


def _counts(random: Random, entries: int) -> list[int]:
    """Counts that fall from stage to stage."""
    counts = [entries]
    while len(counts) < len(STAGES):
        counts.append(counts[-1] * random.randint(15, 80) // 100)
    return counts
