//! Paths as other frameworks write them: what their router would take reaches the API here too,
//! and what it would not take does not. Judged by the gateway's rules of matching.

use apiferry::simulator::routing::reached;
use serde_json::{Value, json};

use crate::case::Case;

/// A path of a framework, its declared parameter, calls that its router takes, and calls that it
/// does not.
struct Dialect {
    path: &'static str,
    parameter: &'static str,
    taken: &'static [&'static str],
    not_taken: &'static [&'static str],
}

const fn dialect(
    path: &'static str,
    parameter: &'static str,
    taken: &'static [&'static str],
    not_taken: &'static [&'static str],
) -> Dialect {
    Dialect { path, parameter, taken, not_taken }
}

const DIALECTS: &[Dialect] = &[
    // Express, YApi
    dialect("/users/:id", "id", &["/users/7"], &["/users", "/users/7/x", "/user/7"]),
    dialect("/trips/:from-:to", "from", &["/trips/a-b"], &["/trips/a", "/trips/a-b/c"]),
    // Flask
    dialect("/users/<id>", "id", &["/users/7"], &["/users/7/x"]),
    dialect("/users/<int:id>/pets", "id", &["/users/7/pets"], &["/users/7", "/users/pets"]),
    dialect("/files/<path:name>", "name", &["/files/a", "/files/a/b"], &["/files", "/filesystem"]),
    // JAX-RS, gorilla/mux
    dialect("/users/{id:[0-9]+}", "id", &["/users/7"], &["/users/7/x"]),
    dialect("/files/{name:.*}", "name", &["/files/", "/files/a/b"], &["/files", "/filesystem"]),
    // Google's gRPC transcoding
    dialect("/v1/{path=**}", "path", &["/v1/a", "/v1/a/b"], &["/v2/a", "/v1"]),
    dialect("/v1/{name=shelves/*}", "name", &["/v1/shelves/7"], &["/v1/books/7", "/v1/shelves"]),
    // ASP.NET, axum
    dialect("/files/{*rest}", "rest", &["/files/a", "/files/a/b"], &["/filesystem"]),
    dialect("/users/{id:int}", "id", &["/users/7"], &["/users/7/x"]),
    // AWS
    dialect("/files/{proxy+}", "proxy", &["/files/a", "/files/a/b"], &["/files", "/filesystem"]),
    dialect("/{proxy+}", "proxy", &["/a", "/a/b"], &[]),
    // Spring
    dialect("/actuator/health/**", "rest", &["/actuator/health/a/b"], &["/actuator/healthy"]),
    dialect("/files/*", "segment", &["/files/a"], &["/files/a/b", "/files"]),
    // Gin
    dialect("/static/*file", "file", &["/static/a", "/static/a/b"], &["/statics"]),
    dialect("/a//b", "", &["/a/b"], &["/a"]),
];

/// The request that an operation becomes, alone in its document.
fn request(case: &Case, dialect: &Dialect) -> Value {
    let parameter = json!({ "name": dialect.parameter, "in": "path", "required": true,
        "schema": { "type": "integer" } });
    let parameters = if dialect.parameter.is_empty() { json!([]) } else { json!([parameter]) };
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "t", "version": "1" },
        "servers": [{ "url": "https://api.test" }],
        "paths": { dialect.path: { "get": { "parameters": parameters, "responses": {} } } },
    });
    case.write("api.json", document.to_string());
    let ended = case.run("preview api.json --format=jsonl");
    let items = ended.lines();
    let item = items.iter().find(|line| line["kind"] == "item");
    item.unwrap_or_else(|| panic!("{}: {ended:?}", dialect.path))["request"].clone()
}

fn path_of(request: &Value) -> &str {
    request["RequestConfig"]["Path"].as_str().expect("a path")
}

#[test]
fn what_a_frameworks_router_takes_reaches_the_api_and_nothing_else_does() {
    let case = Case::new();
    let mut wrong = Vec::new();
    for dialect in DIALECTS {
        let request = request(&case, dialect);
        let apis = [("GET", path_of(&request))];
        let is_reached = |path: &&&str| reached(&apis, "GET", path).is_some();
        let missed = dialect.taken.iter().filter(|path| !is_reached(path));
        let strays = dialect.not_taken.iter().filter(is_reached);
        wrong.extend(missed.map(|path| format!("{} misses {path}: {apis:?}", dialect.path)));
        wrong.extend(strays.map(|path| format!("{} takes {path}: {apis:?}", dialect.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_declared_parameter_keeps_its_type() {
    let case = Case::new();
    for dialect in DIALECTS {
        let request = request(&case, dialect);
        let declared = request["RequestParameters"].as_array().cloned().unwrap_or_default();
        let named = declared.iter().filter(|it| it["Name"] == dialect.parameter);
        for parameter in named {
            let is_invented = ["segment", "rest"].contains(&dialect.parameter);
            assert!(is_invented || parameter["Type"] == "int", "{}: {parameter}", dialect.path);
        }
        // What the path names is declared, and nothing else is.
        let count = path_of(&request).matches('{').count();
        assert_eq!(declared.len(), count, "{}: {declared:?}", dialect.path);
    }
}
