"""Holds the JSON Schema of settings against settings that the program takes and refuses.

    python check_settings.py PROJECT

`tests/settings` has one settings file a line; a test of the program holds it to them. The
annotated sample and the settings of all cases must be valid too. What a schema cannot say
(an unclosed glob, a key that stands twice) is not among them.
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml

CORE = {"tag:yaml.org,2002:bool": re.compile("^(true|True|TRUE|false|False|FALSE)$")}


class Core(yaml.SafeLoader):
    """YAML 1.2's words for truth, and no dates."""


Core.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in known if not tag.endswith((":bool", ":timestamp"))]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for tag, regexp in CORE.items():
    Core.add_implicit_resolver(tag, regexp, list("tTfF"))


def main(project):
    schema = json.loads((project / "samples/settings/apiferry.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = lambda name: (project / "tests/settings" / name).read_text().splitlines()
    files = [project / "samples/settings/apiferry.yaml"]
    files += sorted((project / "tests/specs").glob("*.settings.yaml"))
    taken = [file.read_text() for file in files] + lines("taken.txt")
    wrong = [f"refused: {text}" for text in taken if not validator.is_valid(yaml.load(text, Core))]
    for text in lines("refused.txt"):
        if validator.is_valid(yaml.load(text, Core)):
            wrong.append(f"taken: {text}")
    print("\n".join(wrong) or f"{len(taken)} settings are valid, and the wrong ones are not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
