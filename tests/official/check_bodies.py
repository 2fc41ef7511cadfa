"""Holds CreateApi bodies against the official SDK's model and the official type model.

    python check_bodies.py FILE...

Each line is a body, an item of `preview --format jsonl`, or a ledger's event; other lines
of the latter two are passed over. A body passes when the SDK's `CreateApiRequest` knows
every field and gives the same fields back, and when every value has the
type that the command line's own model names, with nothing required left out.
"""

import json
import os
import sys
import warnings

import tccli
from tencentcloud.apigateway.v20180808 import models

TYPES = {"string": str, "int": int, "bool": bool}


def official_types():
    folder = os.path.join(os.path.dirname(tccli.__file__), "services", "apigateway", "v20180808")
    with open(os.path.join(folder, "api.json"), encoding="utf-8") as file:
        objects = json.load(file)["objects"]
    return {name: {m["name"]: m for m in of["members"]} for name, of in objects.items()}


def bodies(line):
    """The bodies on a line: one or none."""
    value = json.loads(line)
    if "kind" in value:
        return [value["request"]] if value["kind"] == "item" else []
    if "verdict" in value:
        made = value["verdict"] == "created" and value["action"] == "CreateApi"
        return [json.loads(value["body"])] if made else []
    return [value]


def sdk_problems(body):
    request = models.CreateApiRequest()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        request.from_json_string(json.dumps(body))
    yield from (str(warning.message) for warning in said)
    back = request._serialize()
    if back != body:
        yield f"the SDK gives back {json.dumps(back, ensure_ascii=False)}"


def type_problems(body, types, name, at=""):
    members = types[name]
    for key, value in body.items():
        member = members.get(key)
        if member is None:
            yield f"{at}{key}: unknown"
        elif member["type"] == "list":
            if not isinstance(value, list):
                yield f"{at}{key}: no list"
                continue
            for index, item in enumerate(value):
                yield from value_problems(item, types, member["member"], f"{at}{key}.{index}")
        else:
            kind = member["member"] if member["type"] == "object" else member["type"]
            yield from value_problems(value, types, kind, f"{at}{key}")
    for key, member in members.items():
        if member["required"] and key not in body:
            yield f"{at}{key}: missing"


def value_problems(value, types, kind, at):
    if kind in types:
        if isinstance(value, dict):
            yield from type_problems(value, types, kind, f"{at}.")
        else:
            yield f"{at}: no object"
    elif type(value) is not TYPES.get(kind):
        yield f"{at}: {value!r} is no {kind}"


def main(paths):
    types, count, wrong = official_types(), 0, 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for body in (body for line in file if line.strip() for body in bodies(line)):
                count += 1
                for problem in [*sdk_problems(body), *type_problems(body, types, "CreateApiRequest")]:
                    wrong += 1
                    print(f"{problem}\n  in {json.dumps(body, ensure_ascii=False)[:500]}", file=sys.stderr)
    print(f"{count} bodies held against the official model, {wrong} problems")
    # A check of nothing is no check.
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
