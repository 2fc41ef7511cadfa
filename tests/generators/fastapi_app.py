"""A FastAPI application, its document, and the calls that its own test client makes."""

import sys
from enum import Enum
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Path, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel

from calls import Calls


class Sort(str, Enum):
    asc = "asc"
    desc = "desc"


class Paging(BaseModel):
    page: int = 1
    size: int | None = None
    sort: Sort = Sort.asc


class Filter(BaseModel):
    status: str
    tags: list[str] = []


app = FastAPI(servers=[{"url": "https://b.acme.io"}])


@app.get("/items")
def items(filter: Annotated[Filter, Query()], x_token: Annotated[str, Header()]):
    return {}


@app.get("/items/{item_id}")
def item(item_id: Annotated[int, Path()], sort: Sort = Sort.desc, limit: int | None = None):
    return {}


@app.get("/pages")
def pages(paging: Annotated[Paging, Depends()], ids: Annotated[list[int], Query()]):
    return {}


@app.get("/files/{path:path}")
def file(path: str, version: Annotated[int | str, Query()] = 1):
    return {}


def main(folder: str) -> None:
    calls = Calls(folder, app.openapi())
    client = TestClient(app)

    def call(route: str, path: str, query: dict | None = None, headers: dict | None = None, full: bool = False):
        answer = client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        calls.add("GET", route, path, query or {}, headers or {}, full)

    call("/items", "/items", {"status": "new"}, {"x-token": "t"})
    call("/items", "/items", {"status": "new", "tags": ["a", "b"]}, {"x-token": "t"}, full=True)
    call("/items/{item_id}", "/items/7")
    call("/items/{item_id}", "/items/7", {"sort": "asc", "limit": 3}, full=True)
    call("/pages", "/pages", {"ids": [1, 2]})
    call("/pages", "/pages", {"ids": [1], "page": 2, "size": 5, "sort": "desc"}, full=True)
    # Its document does not say that the parameter takes in several segments.
    call("/files/{path}", "/files/b.txt")
    call("/files/{path}", "/files/a.txt", {"version": "2"}, full=True)
    calls.write()


main(sys.argv[1])
