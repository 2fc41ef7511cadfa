"""Creates, lists and deletes through a simulator with the gateway's official clients.

    python check_clients.py http://127.0.0.1:8765

The clients are Tencent Cloud's command line and Python SDK: what they send and how they
read answers was written by others, so the simulator cannot merely agree with itself.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from tencentcloud.apigateway.v20180808 import apigateway_client, models
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

SERVICE = "service-simulated"
ID, KEY = "AKIDEXAMPLE", "SecretExample"
BODY = {
    "ServiceId": SERVICE,
    "ServiceType": "MOCK",
    "ServiceTimeout": 15,
    "Protocol": "HTTP",
    "RequestConfig": {"Path": "/用户/{id}", "Method": "GET"},
    "ApiName": "查询用户",
    "EnableCORS": False,
    "RequestParameters": [{"Name": "id", "Position": "PATH", "Type": "string", "Required": True}],
    "ServiceMockReturnMessage": "你好",
}


def check(holds, what):
    if not holds:
        sys.exit(f"failed: {what}")
    print(f"ok: {what.strip()}")


def tccli(endpoint, home, action, *arguments, key=KEY):
    """The command line's exit code, answer and complaint."""
    command = [shutil.which("tccli"), "apigateway", action, "--endpoint", endpoint]
    command += ["--region", "ap-guangzhou", *arguments]
    # It writes its settings into the home folder, which must not be the caller's.
    env = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8"}
    env |= {"TENCENTCLOUD_SECRET_ID": ID, "TENCENTCLOUD_SECRET_KEY": key}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout) if done.returncode == 0 else None
    return done.returncode, answer, done.stderr


def command_line(endpoint, home):
    fields = []
    for name, value in BODY.items():
        fields += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
    code, answer, said = tccli(endpoint, home, "CreateApi", *fields)
    check(code == 0, f"tccli creates {said}")
    api = answer["Result"]["ApiId"]
    path = json.dumps([{"Name": "ApiPath", "Values": [BODY["RequestConfig"]["Path"]]}])
    listing = ["--ServiceId", SERVICE, "--Limit", "100", "--Filters", path]
    _, answer, _ = tccli(endpoint, home, "DescribeApisStatus", *listing)
    found = [(one["ApiId"], one["ApiName"]) for one in answer["Result"]["ApiIdStatusSet"]]
    check(found == [(api, BODY["ApiName"])], "tccli lists what it created")
    one = ["--ServiceId", SERVICE, "--ApiId", api]
    _, answer, _ = tccli(endpoint, home, "DescribeApi", *one)
    check(answer["Result"]["RequestConfig"] == BODY["RequestConfig"], "tccli reads it back")
    release = ["--ServiceId", SERVICE, "--EnvironmentName", "release", "--ReleaseDesc", "r"]
    code, _, said = tccli(endpoint, home, "ReleaseService", *release)
    check(code == 0, f"tccli releases the service {said}")
    _, answer, _ = tccli(endpoint, home, "DescribeService", "--ServiceId", SERVICE)
    check(answer["ApiTotalCount"] == 1, "tccli counts it")
    check(answer["AvailableEnvironments"] == ["release"], "tccli sees the release")
    code, answer, said = tccli(endpoint, home, "DeleteApi", *one)
    check(code == 0 and answer["Result"] is True, f"tccli deletes it {said}")
    code, _, said = tccli(endpoint, home, "DescribeApi", *one)
    check(code == 255 and "ResourceNotFound.InvalidApi" in said, "tccli is told that it is gone")
    code, _, said = tccli(endpoint, home, "CreateApi", *fields, key="wrong")
    check(code == 255 and "AuthFailure.SignatureFailure" in said, "tccli with a wrong key ends by 255")


def sdk(endpoint, key, method):
    host = endpoint.removeprefix("http://")
    http = HttpProfile(protocol="http", endpoint=host, reqMethod=method, reqTimeout=10)
    profile = ClientProfile(httpProfile=http)
    return apigateway_client.ApigatewayClient(Credential(ID, key), "ap-guangzhou", profile)


def refusal(call, request):
    """The code that a call is refused by."""
    try:
        call(request)
    except TencentCloudSDKException as refused:
        return refused.get_code()
    return None


def request(kind, fields):
    made = kind()
    made.from_json_string(json.dumps(fields))
    return made


def python_sdk(endpoint, method):
    client = sdk(endpoint, KEY, method)
    api = client.CreateApi(request(models.CreateApiRequest, BODY)).Result.ApiId
    listing = request(models.DescribeApisStatusRequest, {"ServiceId": SERVICE, "Limit": 100})
    listed = client.DescribeApisStatus(listing).Result.ApiIdStatusSet
    found = [(one.ApiId, one.Path, one.Method) for one in listed]
    wanted = BODY["RequestConfig"]
    check(found == [(api, wanted["Path"], wanted["Method"])], f"the SDK creates and lists by {method}")
    again = refusal(client.CreateApi, request(models.CreateApiRequest, BODY))
    code = "InvalidParameterValue.InvalidApiRequestConfig"
    check(again == code, f"the SDK is refused the same API again by {method}")
    deletion = request(models.DeleteApiRequest, {"ServiceId": SERVICE, "ApiId": api})
    check(client.DeleteApi(deletion).Result is True, f"the SDK deletes by {method}")
    told = refusal(sdk(endpoint, "wrong", method).DescribeApisStatus, listing)
    check(told == "AuthFailure.SignatureFailure", f"the SDK with a wrong key is refused by {method}")


def services(endpoint):
    client = sdk(endpoint, KEY, "POST")
    made = client.CreateService(
        request(models.CreateServiceRequest, {"ServiceName": "shop", "Protocol": "http&https"})
    )
    named = {"Filters": [{"Name": "ServiceName", "Values": ["shop"]}]}
    found = client.DescribeServicesStatus(request(models.DescribeServicesStatusRequest, named))
    ids = [one.ServiceId for one in found.Result.ServiceSet]
    check(ids == [made.ServiceId], "the SDK makes a service and finds it by name")


def throttling(endpoint):
    client = sdk(endpoint, KEY, "POST")
    listing = request(models.DescribeApisStatusRequest, {"ServiceId": SERVICE, "Limit": 1})
    told = {refusal(client.DescribeApisStatus, listing) for _ in range(100)}
    check(told == {None, "RequestLimitExceeded"}, "the SDK reads a throttle as an error")


def main(endpoint):
    with tempfile.TemporaryDirectory() as home:
        command_line(endpoint, home)
    python_sdk(endpoint, "POST")
    python_sdk(endpoint, "GET")
    services(endpoint)
    throttling(endpoint)


if __name__ == "__main__":
    main(sys.argv[1])
