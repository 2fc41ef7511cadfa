"""Holds the simulator's answers, and the project's own model, against the official type model.

    python check_reads.py http://127.0.0.1:8765 PROJECT

Every answer must have each field that the official model gives it and no other, and a read
must give back what was sent. The requests go out by the official SDK.
"""

import json
import pathlib
import sys

from check_bodies import official_types
from check_clients import ID, KEY, SERVICE, check
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

PARAMETER = {"Name": "q", "Position": "QUERY", "Type": "string", "DefaultValue": "1", "Required": False, "Desc": "d"}
MAPPED = {
    "Name": "to",
    "Position": "HEADER",
    "RelevantRequestParameterPosition": "QUERY",
    "RelevantRequestParameterName": "q",
    "DefaultValue": "1",
    "RelevantRequestParameterDesc": "d",
}
HTTP = {
    "ServiceId": SERVICE,
    "ServiceType": "HTTP",
    "ServiceTimeout": 15,
    "Protocol": "HTTP",
    "RequestConfig": {"Path": "/reads", "Method": "GET"},
    "ApiName": "reads",
    "ApiDesc": "what is read",
    "EnableCORS": True,
    "RequestParameters": [PARAMETER],
    "ServiceParameters": [MAPPED],
    "ConstantParameters": [{"Name": "Host", "Position": "HEADER", "DefaultValue": "a", "Desc": "d"}],
    "ServiceConfig": {"Url": "https://b.acme.io", "Path": "/b", "Method": "GET"},
    "ResponseType": "JSON",
    "ResponseErrorCodes": [{"Code": 404, "Msg": "m", "Desc": "d", "ConvertedCode": 410, "NeedConvert": True}],
}
MOCK = {
    "ServiceId": SERVICE,
    "ServiceType": "MOCK",
    "ServiceTimeout": 15,
    "Protocol": "HTTP",
    "RequestConfig": {"Path": "/mock", "Method": "POST"},
    "ServiceMockReturnMessage": "hello",
}


def misfits(value, types, name, at=""):
    """Where an object has fields that its type lacks, or lacks some."""
    members = {key: of for key, of in types[name].items() if not of.get("disabled")}
    yield from (f"{at}{key}: unknown" for key in value if key not in members)
    for key, of in members.items():
        if key == "RequestId":
            continue
        if key not in value:
            yield f"{at}{key}: missing"
        elif of["member"] in types:
            items = value[key] if of["type"] == "list" else [value[key]]
            for item in items or []:
                if item is not None:
                    yield from misfits(item, types, of["member"], f"{at}{key}.")


def same(sent, read):
    """Whether a read gives back what was sent."""
    if isinstance(sent, dict):
        return all(same(value, read.get(key)) for key, value in sent.items())
    if isinstance(sent, list):
        return len(sent) == len(read) and all(map(same, sent, read))
    return sent == read


def reads(endpoint, types):
    http = HttpProfile(protocol="http", endpoint=endpoint.removeprefix("http://"), reqTimeout=10)
    profile = ClientProfile(httpProfile=http)
    client = CommonClient("apigateway", "2018-08-08", Credential(ID, KEY), "ap-guangzhou", profile)

    def call(action, fields):
        answer = client.call_json(action, fields)["Response"]
        wrong = list(misfits(answer, types, f"{action}Response"))
        check(not wrong, f"{action} answers as the model says {wrong or ''}")
        return answer

    service = {"ServiceId": SERVICE}
    ids = []
    for body in (HTTP, MOCK):
        ids.append(call("CreateApi", body)["Result"]["ApiId"])
        read = call("DescribeApi", {**service, "ApiId": ids[-1]})["Result"]
        check(same(body, read), f"what was sent as {body['ServiceType']} is read back")
    changed = {**HTTP, "ApiId": ids[0], "ServiceTimeout": 30, "ApiDesc": "changed"}
    call("ModifyApi", changed)
    read = call("DescribeApi", {**service, "ApiId": ids[0]})["Result"]
    check((read["ServiceTimeout"], read["ApiDesc"]) == (30, "changed"), "a change is read back")
    environment = {**service, "EnvironmentName": "test"}
    call("ReleaseService", {**environment, "ReleaseDesc": "first"})
    for action in (
        "DescribeApisStatus",
        "DescribeService",
        "DescribeServiceEnvironmentList",
        "DescribeServiceEnvironmentReleaseHistory",
    ):
        call(action, service)
    call("DescribeServicesStatus", {})
    call("UnReleaseService", environment)
    for api in ids:
        call("DeleteApi", {**service, "ApiId": api})
    made = call("CreateService", {"ServiceName": "reads", "Protocol": "http"})
    call("DeleteService", {"ServiceId": made["ServiceId"]})


def own_model(project, types):
    path = pathlib.Path(project) / "src/target/tencent/model.json"
    own = json.loads(path.read_text(encoding="utf-8"))["types"]
    wrong = []
    for name, fields in own.items():
        official = types.get(name)
        if official is None:
            wrong.append(f"{name}: unknown")
            continue
        have = {field["name"] for field in fields}
        known = {key for key, of in official.items() if not of.get("disabled")}
        wrong += [f"{name}.{key}" for key in sorted(have ^ known)]
    check(not wrong, f"the project's model has the official fields {wrong or ''}")


if __name__ == "__main__":
    TYPES = official_types()
    own_model(sys.argv[2], TYPES)
    reads(sys.argv[1], TYPES)
