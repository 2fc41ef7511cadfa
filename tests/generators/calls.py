"""Keeps a document and the calls that its framework took."""

import json
from pathlib import Path


class Calls:
    def __init__(self, folder: str, document: dict) -> None:
        self.folder, self.document, self.calls = Path(folder), document, []

    def add(self, method: str, route: str, path: str, query: dict, headers: dict, full: bool) -> None:
        """A call that was answered with success; `full`: it sends all that may be sent."""
        self.calls.append(
            {
                "method": method,
                "route": route,
                "path": path,
                "query": sorted(query),
                "headers": sorted(headers),
                "full": full,
            }
        )

    def write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.document, default=str)
        (self.folder / "openapi.json").write_text(text, encoding="utf-8")
        (self.folder / "calls.json").write_text(json.dumps(self.calls), encoding="utf-8")
