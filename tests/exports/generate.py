"""Writes the samples of exports, and what is expected of each: `python -m tests.exports.generate`.

The data is made up and always the same; each vendor's export is written as the vendor does it.
"""

from __future__ import annotations

from tests.exports.ads import google_ads, meta_ads, others, yandex
from tests.exports.deals_lists import by_hand, zoho
from tests.exports.deals_russian import amocrm, bitrix24, kommo
from tests.exports.deals_west import hubspot, pipedrive, salesforce
from tests.exports.funnel_reports import funnel_reports
from tests.exports.orders import shopify, stripe

WRITERS = (
    *(hubspot, pipedrive, salesforce, amocrm, kommo, bitrix24, zoho, by_hand, shopify, stripe),
    *(google_ads, meta_ads, yandex, others, funnel_reports),
)


def main() -> None:
    for write in WRITERS:
        write()


if __name__ == "__main__":
    main()
