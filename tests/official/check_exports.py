"""Holds exported documents against validators of OpenAPI that others wrote: the requests of every
case of the converter, exported as if they had been read back, by openapi-spec-validator, and by
Redocly where npm can install it."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

here = Path(__file__).resolve().parent
program = Path(sys.argv[1]).resolve()
project = here.parent.parent
REDOCLY = "@redocly/cli@2.77.0"


def save_answers(folder):
    """What DescribeApi would answer for each request of the cases, a file a case."""
    for case in sorted((project / "tests/specs").glob("*.expected.json")):
        answers = []
        for at, line in enumerate(json.loads(case.read_text(encoding="utf-8"))):
            if line["kind"] == "item":
                service = case.name.split(".")[0]
                named = {"ServiceId": service, "ServiceName": service, "ApiId": f"api-{at}"}
                answers.append(json.dumps({"Result": {**line["request"], **named}}))
        if answers:
            (folder / f"{case.stem}.json").write_text("\n".join(answers), encoding="utf-8")


def redocly(documents):
    """Errors of style apart, which are no faults of a document."""
    home = project / "target/redocly"
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", home, REDOCLY]
    if not shutil.which("npm") or subprocess.run(install, capture_output=True).returncode:
        return print("NOT CHECKED: Redocly cannot be installed from here")
    lint = [home / "node_modules/.bin/redocly", "lint", "--extends=recommended"]
    skipped = ["--skip-rule=no-path-trailing-slash", "--format=stylish"]
    ended = subprocess.run([*lint, *skipped, *documents], capture_output=True, text=True)
    if ended.returncode:
        sys.exit(ended.stdout[-3000:] + ended.stderr[-1000:])
    print(f"{len(documents)} exported documents please Redocly")


with tempfile.TemporaryDirectory() as scratch:
    answers, exported = Path(scratch, "answers"), Path(scratch, "exported")
    answers.mkdir()
    save_answers(answers)
    command = [program, "export", "--from-answers", answers, "--out", exported, "--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in (0, 3):
        sys.exit(ended.stderr)
    documents = sorted(exported.glob("*.yaml"))
    faults = []
    for path in documents:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        errors = OpenAPIV30SpecValidator(document).iter_errors()
        faults += [f"{path.name}: {error.message}" for error in errors]
    if faults or len(documents) < 100:
        sys.exit("\n".join(faults) or f"{len(documents)} documents")
    print(f"{len(documents)} exported documents are valid OpenAPI 3.0")
    redocly(documents)
