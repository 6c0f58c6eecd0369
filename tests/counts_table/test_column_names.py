"""Names of columns that hold names of others, with brackets in them, and names in other languages."""

from __future__ import annotations

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.recipes import recipes


@pytest.mark.parametrize(
    ("name", "stage", "pipeline"),
    [
        ("Contract Sent (Sales)", "Contract Sent", "Sales"),
        ("Contract Sent (Partner (EU))", "Contract Sent", "Partner (EU)"),
        ("Demo (online) (Sales)", "Demo (online)", "Sales"),
        ("Demo (online) (Partner (EU))", "Demo (online)", "Partner (EU)"),
        ("Lead (Nice :))", "Lead", "Nice :)"),
    ],
)
def test_pipelines_and_stages_may_have_brackets(name: str, stage: str, pipeline: str) -> None:
    recipe = next(each for each in recipes() if each.name == "hubspot_deals")
    found = recipe.column(f'Date entered "{name}"')
    assert found is not None
    assert (found.kind, found.held) == ("entered", {"stage": stage, "pipeline": pipeline})


def test_lists_of_deals_in_spanish_are_known() -> None:
    rows = [
        "1;D1;Contacto;1.200,50;Pat;01.09.2026",
        "2;D2;Ganado;2.000,00;Pat;13.09.2026",
        "3;D3;Perdido;1,5;Ana;14.09.2026",
    ]
    text = "\n".join(["ID;Negocio;Etapa;Importe (EUR);Propietario;Fecha de creación", *rows])
    found = import_table(text.encode(), "ventas.csv", ImportOptions(stages=("Contacto",)))
    assert isinstance(found, Imported), found
    assert [(stage.count, stage.open) for stage in found.funnels[0].stages] == [(3, 1), (1, None)]
