"""The samples of deals and orders are those that their generator writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.exports import deals_west, files, generate

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_samples_are_what_the_generator_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, samples = files.FOLDER, files.SAMPLES
    monkeypatch.setattr(files, "FOLDER", tmp_path / "exports")
    monkeypatch.setattr(deals_west, "SAMPLES", tmp_path)
    (tmp_path / "exports").mkdir()
    generate.main()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 30
    for path in written:
        inside = path.relative_to(tmp_path)
        kept = folder / inside.relative_to("exports") if inside.parts[0] == "exports" else samples / inside
        assert path.read_bytes() == kept.read_bytes(), f"{inside}: run python -m tests.exports.generate"
