"""Holds what `preview --format sarif` prints against the schema of SARIF 2.1.0, published by OASIS
(kept here without its descriptions)."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema

here = Path(__file__).resolve().parent
program, project = sys.argv[1], here.parent.parent
schema = json.loads((here / "sarif-2.1.0.schema.json").read_text())
validator = jsonschema.validators.validator_for(schema)(schema)
ended = subprocess.run(
    [program, "preview", "samples", "--format", "sarif"], cwd=project, capture_output=True, text=True
)
log = json.loads(ended.stdout)
faults = [error.message for error in validator.iter_errors(log)]
broken = json.loads(ended.stdout)
broken["runs"][0]["results"][0]["level"] = "fatal"
if not list(validator.iter_errors(broken)):
    faults.append("the schema takes a level that does not exist")
results = len(log["runs"][0]["results"])
if faults or not results:
    sys.exit("\n".join(faults) or "no results")
print(f"{results} results fit the schema of SARIF 2.1.0")
