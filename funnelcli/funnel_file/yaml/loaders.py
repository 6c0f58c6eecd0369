"""The loaders of PyYAML, with libyaml and without it, which read alike."""

from __future__ import annotations

from typing import Any

import yaml


class PurePythonLoader(yaml.SafeLoader):
    """PyYAML's own loader, with tabs between tokens read as the white space that they are to libyaml."""

    def scan_to_next_token(self) -> None:
        """Skip white space, comments and line breaks before a token."""
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in "\0\n":
                    self.forward()
            if not self.scan_line_break():  # type: ignore[no-untyped-call]  # of PyYAML
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_directive(self) -> Any:
        """A directive, with an unknown one refused as libyaml does."""
        token = super().scan_directive()
        if token.name not in ("YAML", "TAG"):
            what = "found unknown directive name"
            raise yaml.scanner.ScannerError("while scanning a directive", token.start_mark, what, token.start_mark)
        return token

    def scan_flow_scalar(self, style: str) -> Any:
        """A quoted text, with escapes of what is no character refused as libyaml does."""
        start = self.get_mark()
        try:
            token = super().scan_flow_scalar(style)
        except (ValueError, OverflowError):
            token = None  # an escape beyond U+10FFFF
        if token is None or any("\ud800" <= char <= "\udfff" for char in token.value):
            what = "found invalid Unicode character escape code"
            raise yaml.scanner.ScannerError("while parsing a quoted scalar", start, what, self.get_mark())
        return token


LOADER: type = getattr(yaml, "CSafeLoader", PurePythonLoader)
"""The fastest loader there is."""
