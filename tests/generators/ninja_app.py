"""A django-ninja application, its document, and the calls that Django's own test client makes."""

import sys
from typing import Annotated

import django
from django.conf import settings

settings.configure(DEBUG=True, SECRET_KEY="tests", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
django.setup()

from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import Field, Header, NinjaAPI, Query, Schema  # noqa: E402

from calls import Calls  # noqa: E402

api = NinjaAPI(servers=[{"url": "https://b.acme.io"}])


# A header is `x_trace` in its document, and Django takes it so.
class Filters(Schema):
    limit: int = 100
    q: str | None = None
    name__in: list[str] | None = None
    since: str = Field(alias="from")


@api.get("/events")
def events(request, filters: Query[Filters]):
    return {}


@api.get("/events/{int:year}/{slug:name}")
def event(request, year: int, name: str, x_trace: Annotated[str, Header()], deep: bool = False):
    return {}


@api.get("/files/{path:rest}")
def file(request, rest: str):
    return {}


urlpatterns = [path("", api.urls)]


def main(folder: str) -> None:
    with django.test.utils.override_settings(ROOT_URLCONF=__name__):
        calls = Calls(folder, api.get_openapi_schema(path_prefix="/"))
        client = Client()

        def call(route: str, path: str, query: dict | None = None, headers: dict | None = None, full: bool = False):
            answer = client.get(path, query or {}, headers=headers or {})
            assert answer.status_code == 200, answer.content
            calls.add("GET", route, path, query or {}, headers or {}, full)

        call("/events", "/events", {"from": "1"})
        call("/events", "/events", {"from": "1", "limit": 3, "q": "x", "name__in": ["a", "b"]}, full=True)
        call("/events/{year}/{name}", "/events/2024/a-b", headers={"x_trace": "t"})
        call("/events/{year}/{name}", "/events/2024/a", {"deep": "true"}, {"x_trace": "t"}, full=True)
        # Its document does not say that the parameter takes in several segments.
        call("/files/{rest}", "/files/b.txt", full=True)
        calls.write()


main(sys.argv[1])
