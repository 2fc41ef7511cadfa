"""Holds what a plan declares against calls that a framework took: check.py FOLDER PREVIEW.

Each call reaches the API of its operation by this gateway's matching; what is required was sent
in every call that succeeded; what was sent is declared, or told as undeclared; and nothing is
declared that a call with everything in it leaves out.
"""

import json
import re
import sys
from pathlib import Path


def reaches(front: str, path: str) -> bool:
    """A path with parameters matches segments; a plain one is a prefix."""
    if "{" not in front:
        return path.startswith(front)
    pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(front))
    return re.fullmatch(pattern, path) is not None


def faults(item: dict, call: dict):
    declared = item["request"].get("RequestParameters", [])
    at = lambda position: {it["Name"] for it in declared if it["Position"] == position}
    named = lambda position: {name.lower() if position == "HEADER" else name for name in at(position)}
    required = {it["Name"].lower() if it["Position"] == "HEADER" else it["Name"] for it in declared
                if it.get("Required") and it["Position"] != "PATH"}
    sent = set(call["query"]) | {name.lower() for name in call["headers"]}
    known = named("QUERY") | named("HEADER")
    open_ended = any(it["code"] == "object-undeclared" for it in item["findings"])
    if item["method"] not in (call["method"], "ANY"):
        yield f"its method is {item['method']}"
    if not reaches(item["path"], call["path"]):
        yield f"its path {item['path']} does not take it"
    if at("PATH") != set(re.findall(r"\{([^}]+)\}", item["path"])):
        yield f"of the path {sorted(at('PATH'))} are declared"
    if required - sent:
        yield f"{sorted(required - sent)} are required and were not sent"
    if sent - known and not open_ended:
        yield f"{sorted(sent - known)} were sent and are not declared"
    if call["full"] and known - sent:
        yield f"{sorted(known - sent)} are declared and were not sent"


def main(folder: str, preview: str) -> int:
    lines = [json.loads(line) for line in Path(preview).read_text(encoding="utf-8").splitlines()]
    items = {it["pointer"]: it for it in lines if it["kind"] == "item"}
    calls = json.loads((Path(folder) / "calls.json").read_text(encoding="utf-8"))
    told, reached = [], set()
    for call in calls:
        route = call["route"].replace("~", "~0").replace("/", "~1")
        pointer = f"/paths/{route}/{call['method'].lower()}"
        reached.add(pointer)
        name = f"{call['method']} {call['path']} {call['query']}"
        if pointer not in items:
            told.append(f"{name}: no item at {pointer}")
            continue
        told += [f"{name}: {fault}" for fault in faults(items[pointer], call)]
    told += [f"{pointer} was not called" for pointer in items if pointer not in reached]
    told += [f"{it['path']} is unfit: {it['findings']}" for it in lines if it["kind"] == "unfit"]
    print(f"{Path(folder).name}: {len(items)} items, {len(calls)} calls, {len(told)} faults")
    for fault in told:
        print(f"  {fault}")
    return 1 if told or not items else 0


sys.exit(main(*sys.argv[1:3]))
