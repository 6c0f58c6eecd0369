"""Currencies by their codes of ISO 4217, and by signs that are of one alone: how many decimals amounts have."""

MINOR_DIGITS: dict[str, int] = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
"""Digits after the point where they are not two: ISO 4217, list one of 2024."""
MINOR_DIGITS |= dict.fromkeys(("₩", "₫", "₲", "JP¥", "円", "원"), 0)
"""Signs of won, dong, guaraní and yen; ¥ alone is not among them, as it is the sign of the yuan as well."""

USUAL_CODES = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "₹": "INR", "₴": "UAH", "₸": "KZT", "₺": "TRY",
    "₩": "KRW", "₫": "VND", "₪": "ILS", "₱": "PHP", "฿": "THB", "₦": "NGN", "zł": "PLN", "Kč": "CZK",
}  # fmt: skip
"""What a sign stands for where nothing else is said."""


def minor_digits(currency: str | None) -> int:
    """Digits after the point of an amount; two where the currency is not known."""
    return MINOR_DIGITS.get((currency or "").upper(), 2)
