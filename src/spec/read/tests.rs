//! What documents of every version become, and what of them is told.

use openapiv3::{Parameter, ParameterSchemaOrContent, QueryStyle};
use proptest::prelude::*;

use crate::finding::{Code, Finding};
use crate::spec::model::{Level, Operation};
use crate::spec::{Document, DocumentSet, Kind, Schema, SourceText};

fn set(text: &str) -> DocumentSet {
    DocumentSet::new(SourceText { name: "api.yaml".into(), text: text.to_owned() })
        .expect("it is well formed")
}

/// What a document's operations are: method and path, and `!` where one is unfit already.
fn outline(document: &Document<'_>) -> Vec<String> {
    let unfit =
        |operation: &Operation<'_>| if codes(&operation.findings).is_empty() { "" } else { "!" };
    let operations = document.operations();
    operations
        .map(|operation| format!("{} {}{}", operation.method, operation.path, unfit(&operation)))
        .collect()
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[track_caller]
fn check_outline(text: &str, operations: &[&str], told: &[Code]) {
    let set = set(text);
    let document = set.document().unwrap();
    assert_eq!(outline(&document), operations);
    assert_eq!(document.operation_count(), operations.len());
    assert_eq!(codes(&document.findings), told, "{:?}", document.findings);
}

/// The only operation of a document.
#[track_caller]
fn only(set: &DocumentSet) -> Operation<'_> {
    let document = set.document().unwrap();
    let mut operations = document.operations();
    let operation = operations.next().expect("there is an operation");
    assert!(operations.next().is_none());
    operation
}

/// `name` in `location` of every parameter.
fn parameters(operation: &Operation<'_>) -> Vec<String> {
    let name = |parameter: &Parameter| {
        let location = match parameter {
            Parameter::Query { .. } => "query",
            Parameter::Header { .. } => "header",
            Parameter::Path { .. } => "path",
            Parameter::Cookie { .. } => "cookie",
        };
        format!("{location} {}", parameter.parameter_data_ref().name)
    };
    operation.parameters.iter().map(|parameter| name(&parameter.given)).collect()
}

/// The types of a parameter's schema.
fn kinds<'s>(operation: &Operation<'s>, index: usize) -> Vec<&'s str> {
    operation.parameters[index].schema.unwrap().kinds()
}

mod what_an_operation_is {
    use super::*;

    #[test]
    fn a_method_of_the_version_whose_value_is_an_object() {
        check_outline(
            "swagger: '2.0'\npaths:\n  /a: {get: {}, trace: {}, query: {}}\n",
            &["GET /a"],
            &[Code::UNKNOWN_METHOD, Code::UNKNOWN_METHOD],
        );
        check_outline(
            "openapi: 3.0.0\npaths:\n  /a: {get: {}, trace: {}, query: {}}\n",
            &["GET /a", "TRACE /a"],
            &[Code::UNKNOWN_METHOD],
        );
        let text = "openapi: 3.2.0\npaths:\n  /a: {query: {}, additionalOperations: {COPY: {}, x: null}}\n";
        check_outline(text, &["QUERY /a", "COPY /a"], &[Code::WRONG_TYPE]);
    }

    #[test]
    fn nothing_else_of_a_path_item_counts() {
        let text = "openapi: 3.1.0\npaths:\n  /a:\n    summary: s\n    description: d\n    servers: []\n    parameters: []\n    x-y: {get: {}}\n    get: null\n    put: text\n    post: [1]\n    GET: {}\n    gett: {}\n  /b: null\n  /c: []\n  x-paths: {get: {}}\n";
        check_outline(
            text,
            &[],
            &[
                Code::WRONG_TYPE,
                Code::WRONG_TYPE,
                Code::WRONG_TYPE,
                Code::UNKNOWN_METHOD,
                Code::UNKNOWN_METHOD,
                Code::WRONG_TYPE,
                Code::WRONG_TYPE,
            ],
        );
    }

    #[test]
    fn also_where_its_reference_leads_nowhere() {
        let text = "openapi: 3.0.0\npaths:\n  /a: {get: {$ref: '#/none'}, put: {$ref: '#/list'}, head: {$ref: '#/paths/~1a/put'}}\nlist: []\n";
        check_outline(text, &["GET /a!", "PUT /a!", "HEAD /a!"], &[]);
    }

    #[test]
    fn in_a_path_item_or_in_paths_behind_a_reference() {
        let text = "openapi: 3.0.0\npaths: {$ref: '#/x-paths'}\nx-paths:\n  /a: {$ref: '#/x-item', put: {operationId: own}}\n  /b: {$ref: '#/none', post: {}}\n  /c: {$ref: '#/x-paths/~1c'}\nx-item: {get: {}, put: {operationId: other}}\n";
        check_outline(
            text,
            &["PUT /a", "GET /a", "POST /b"],
            &[Code::OVERRIDDEN_OPERATION, Code::MISSING_PATH_ITEM, Code::MISSING_PATH_ITEM],
        );
        let set = set(text);
        let put = set.document().unwrap().operations().next().unwrap();
        assert_eq!(put.operation_id, Some("own"));
    }

    #[test]
    fn a_repeated_path_or_method_costs_those_concerned() {
        let text = "openapi: 3.0.0\npaths:\n  /a: {get: {}}\n  /b: {get: {}, put: {}, get: {}}\n  /a: {put: {}}\n";
        check_outline(text, &["GET /a!", "GET /b!", "PUT /b", "GET /b!", "PUT /a!"], &[]);
        let set = set(text);
        let first = set.document().unwrap().operations().next().unwrap();
        assert_eq!(codes(&first.findings), [Code::REPEATED_OPERATION]);
        assert_eq!(first.findings[0].place.line, 3);
        assert!(first.findings[0].message.contains("line 5"), "{}", first.findings[0].message);
    }

    #[test]
    fn a_key_repeated_elsewhere_is_only_told() {
        let text = "openapi: 3.0.0\ninfo: {title: a, title: b}\npaths: {/a: {get: {tags: [x], tags: [y]}}}\n";
        check_outline(text, &["GET /a"], &[Code::REPEATED_KEY, Code::REPEATED_KEY]);
        let set = set(text);
        assert_eq!(set.document().unwrap().title.as_deref(), Some("b"));
        assert_eq!(only(&set).tags, ["y"]);
    }

    #[test]
    fn webhooks_and_callbacks_are_none() {
        let text = "openapi: 3.1.0\nwebhooks: {a: {post: {}}, b: {post: {}}}\n";
        check_outline(text, &[], &[Code::NOT_IMPORTED, Code::NO_PATHS]);
        let text = "swagger: '2.0'\npaths: {/a: {get: {}}}\nx-ms-paths: {'/a?b': {get: {}}}\n";
        check_outline(text, &["GET /a"], &[Code::NOT_IMPORTED]);
    }

    #[test]
    fn paths_that_are_none_are_told() {
        for (paths, told) in [
            ("", vec![Code::NO_PATHS]),
            ("paths: {}", vec![Code::NO_PATHS]),
            ("paths:", vec![Code::NO_PATHS]),
            ("paths: []", vec![Code::WRONG_TYPE, Code::NO_PATHS]),
            ("paths: {$ref: '#/none'}", vec![Code::MISSING_PATH_ITEM, Code::NO_PATHS]),
        ] {
            check_outline(&format!("openapi: 3.0.0\n{paths}\n"), &[], &told);
        }
    }

    #[test]
    fn its_place_is_its_own_key_with_a_pointer_through_references() {
        let text = "openapi: 3.0.0\npaths:\n  /a/{x}:\n    get: {}\n  /b:\n    $ref: '#/x-b'\nx-b:\n  put: {}\n";
        let set = set(text);
        let places: Vec<_> =
            set.document().unwrap().operations().map(|found| found.place).collect();
        assert_eq!(
            (places[0].line, places[0].column, &*places[0].pointer),
            (4, 5, "/paths/~1a~1{x}/get")
        );
        assert_eq!(
            (places[1].line, places[1].column, &*places[1].pointer),
            (8, 3, "/paths/~1b/put")
        );
    }
}

mod versions {
    use super::*;

    fn refusal(text: &str) -> Finding {
        set(text).document().unwrap_err().remove(0)
    }

    #[test]
    fn are_taken_by_their_first_two_numbers() {
        for version in ["'2.0'", "2.0", "\"2.0\""] {
            check_outline(
                &format!("swagger: {version}\npaths: {{/a: {{get: {{}}}}}}"),
                &["GET /a"],
                &[],
            );
        }
        for version in ["3.0", "3.0.4", "3.1.1", "3.2.0", "3.0.0-rc1"] {
            check_outline(
                &format!("openapi: {version}\npaths: {{/a: {{get: {{}}}}}}"),
                &["GET /a"],
                &[],
            );
        }
        let query = "paths: {/a: {query: {}}}";
        for (version, operations, told) in [
            ("3.9.0", &["QUERY /a"][..], &[Code::NEWER_VERSION][..]),
            ("3.2.1", &["QUERY /a"], &[Code::NEWER_VERSION]),
            ("3.1.99", &[], &[Code::NEWER_VERSION, Code::UNKNOWN_METHOD]),
        ] {
            check_outline(&format!("openapi: {version}\n{query}"), operations, told);
        }
    }

    #[test]
    fn that_are_not_read_are_named() {
        for (text, named) in [
            ("swagger: '1.2'", "Swagger 1.2"),
            ("swaggerVersion: '1.2'", "Swagger 1.2"),
            ("swagger: 3.0.0", "Swagger 3.0.0"),
            ("openapi: 4.0.0", "OpenAPI 4.0.0"),
            ("openapi: 3", "OpenAPI 3"),
            ("openapi: '2.0'", "OpenAPI 2.0"),
            ("asyncapi: 2.6.0", "AsyncAPI 2.6.0"),
        ] {
            let finding = refusal(text);
            assert_eq!(finding.code, Code::UNSUPPORTED_VERSION, "{text}");
            assert!(finding.message.contains(named), "{}", finding.message);
        }
    }

    #[test]
    fn without_one_there_is_no_document() {
        for text in
            ["", "# only a comment", "null", "[]", "text", "a: 1", "openapi: {}", "openapi:"]
        {
            assert_eq!(refusal(text).code, Code::NOT_A_DOCUMENT, "{text}");
        }
    }
}

mod operations {
    use super::*;

    #[test]
    fn inherit_parameters_and_override_them_by_name_and_location() {
        let text = "openapi: 3.0.0\npaths:\n  /a/{id}:\n    parameters:\n      - {name: id, in: path, description: theirs}\n      - {name: X-A, in: header}\n      - {name: q, in: query}\n    get:\n      parameters:\n        - {name: x-a, in: header, description: own}\n        - {name: q, in: cookie}\n        - {name: n, in: query}\n        - {name: n, in: query}\n";
        let set = set(text);
        let operation = only(&set);
        assert_eq!(
            parameters(&operation),
            ["path id", "header x-a", "query q", "cookie q", "query n"]
        );
        let lines: Vec<_> = operation.parameters.iter().map(|it| it.node.place().line).collect();
        assert_eq!(lines, [5, 10, 7, 11, 12]);
        assert_eq!(codes(&operation.findings), [Code::PARAMETER_REPEATED]);
        assert!(operation.parameters[0].given.parameter_data_ref().required);
    }

    #[test]
    fn lose_a_broken_parameter_and_no_more() {
        let text = "openapi: 3.0.0\npaths:\n  /a:\n    get:\n      operationId: [1]\n      deprecated: 'yes'\n      tags: [a, {b: c}, 1]\n      parameters:\n        - text\n        - {in: query}\n        - {name: a}\n        - {name: b, in: body}\n        - {name: c, in: query, required: 'true', description: 12}\n";
        let set = set(text);
        let operation = only(&set);
        assert_eq!(parameters(&operation), ["query c"]);
        let c = operation.parameters[0].given.parameter_data_ref();
        assert_eq!((c.description.as_deref(), c.required), (Some("12"), false));
        assert_eq!(operation.operation_id, None);
        assert_eq!(operation.tags, ["a", "1"]);
        let mut told = codes(&operation.findings);
        told.sort_unstable();
        let (wrong, broken) = (Code::WRONG_TYPE, Code::BROKEN_PARAMETER);
        assert_eq!(told, [wrong, wrong, wrong, wrong, broken, broken, broken, broken]);
    }

    #[test]
    fn are_unfit_without_a_parameter_or_response_that_they_refer_to() {
        for (member, code) in [
            ("parameters: [{$ref: '#/none'}]", Some(Code::MISSING_REFERENCE)),
            ("parameters: [{$ref: '#/paths/~1a/get/parameters/0'}]", Some(Code::MISSING_REFERENCE)),
            ("responses: {200: {$ref: '#/none'}}", Some(Code::MISSING_REFERENCE)),
            (
                "parameters: [{name: q, in: query, schema: {$ref: '#/none'}}]",
                Some(Code::MISSING_SCHEMA),
            ),
            ("requestBody: {$ref: '#/none'}", Some(Code::MISSING_SCHEMA)),
            ("responses: {200: {content: {a/b: {schema: {$ref: '#/none'}}}}}", None),
        ] {
            let set = set(&format!("openapi: 3.0.0\npaths: {{/a: {{get: {{{member}}}}}}}\n"));
            assert_eq!(codes(&only(&set).findings), Vec::from_iter(code), "{member}");
        }
    }

    #[test]
    fn take_the_nearest_servers_that_somebody_lists() {
        let servers = |level: &str| format!("servers: [{{url: 'https://{level}'}}]");
        let document = |root: &str, path: &str, operation: &str| {
            set(&format!(
                "openapi: 3.0.0\n{root}\npaths:\n  /a:\n    {path}\n    get: {{{operation}}}\n"
            ))
        };
        for (root, path, operation, url, level) in [
            ("r", "p", "o", Some("https://o"), Level::Operation),
            ("r", "p", "", Some("https://p"), Level::Path),
            ("r", "", "", Some("https://r"), Level::Document),
            ("", "", "", None, Level::Document),
        ] {
            let [root, path, operation] = [root, path, operation]
                .map(|at| if at.is_empty() { "x-n: 1".to_owned() } else { servers(at) });
            let set = document(&root, &path, &operation);
            let found = only(&set);
            assert_eq!(
                (found.servers.first().map(|server| &*server.url), found.servers_level),
                (url, level)
            );
        }
        let set = document(&servers("r"), "servers: []", "servers: []");
        assert_eq!(only(&set).servers[0].url, "https://r");
    }

    #[test]
    fn take_their_own_security_also_where_it_is_none() {
        let text = "openapi: 3.0.0\nsecurity: [{k: []}, {}]\npaths:\n  /a: {get: {}, put: {security: []}, post: {security: [{b: [], o: [x]}, {none: []}]}}\ncomponents:\n  securitySchemes:\n    k: {type: apiKey, in: header, name: X}\n    b: {type: http, scheme: Bearer}\n    o: {$ref: '#/components/securitySchemes/p'}\n    p: {type: oauth2}\n";
        let set = set(text);
        let document = set.document().unwrap();
        let security: Vec<Vec<Vec<_>>> = document
            .operations()
            .map(|operation| {
                let kinds = |schemes: Vec<crate::spec::model::Scheme>| {
                    schemes.into_iter().map(|scheme| scheme.kind).collect()
                };
                operation
                    .security
                    .into_iter()
                    .map(|requirement| kinds(requirement.schemes))
                    .collect()
            })
            .collect();
        let some = |kind: &str| Some(kind.to_owned());
        assert_eq!(security[0], [vec![some("apiKey")], vec![]]);
        assert!(security[1].is_empty());
        assert_eq!(security[2], [vec![some("http/bearer"), some("oauth2")], vec![None]]);
    }

    #[test]
    fn hold_their_answers_by_status() {
        let text = "openapi: 3.0.0\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: ok, content: {application/json: {example: {a: 1.10}}}, headers: {X-A: {}}, links: {next: {}}}\n        '4XX': {$ref: '#/components/responses/bad'}\n        default: {description: any}\n        204 NO_CONTENT: {description: junk}\n        x-any: {}\n        500: text\ncomponents:\n  responses:\n    bad: {description: bad, content: {text/plain: {examples: {e: {$ref: '#/components/examples/e'}}}}}\n  examples:\n    e: {value: no such thing}\n";
        let set = set(text);
        let operation = only(&set);
        let statuses: Vec<_> = operation.answers.iter().map(|answer| &*answer.status).collect();
        assert_eq!(statuses, ["200", "4XX", "default", "204 NO_CONTENT"]);
        let descriptions: Vec<_> =
            operation.answers.iter().map(|answer| answer.description.as_deref()).collect();
        assert_eq!(descriptions, [Some("ok"), Some("bad"), Some("any"), Some("junk")]);
        let ok = &operation.answers[0];
        assert_eq!((ok.media.len(), ok.headers, ok.links), (1, 1, 1));
        assert_eq!(operation.answers[0].media[0].example().unwrap().text, "{\"a\":1.10}");
        assert_eq!(operation.answers[1].media[0].example().unwrap().text, "no such thing");
        assert_eq!(codes(&operation.findings), [Code::ODD_STATUS, Code::WRONG_TYPE]);
    }

    #[test]
    fn know_extensions_of_every_level_and_whether_the_path_answers_options() {
        let text = "openapi: 3.0.0\nx-a: {b: [1]}\npaths:\n  /a:\n    x-c: d\n    get: {x-e: true, summary: ~}\n    options: {}\n    summary: of the path\n";
        let set = set(text);
        let operation = set.document().unwrap().operations().next().unwrap();
        let names: Vec<_> = operation.extensions.all().map(|extension| extension.name).collect();
        assert_eq!(names, ["x-e", "x-c", "x-a"]);
        assert_eq!(
            operation.extensions.document[0].node().to_value(),
            serde_json::json!({"b": [1]})
        );
        assert!(operation.path_declares_options);
        assert_eq!(operation.summary, Some("of the path"));
    }
}

mod parameters_of_3 {
    use super::*;

    /// What is made of a parameter's schema.
    fn read<T>(schema: &str, then: impl FnOnce(Schema<'_>) -> T) -> T {
        let set = set(&format!(
            "openapi: 3.1.0\npaths: {{/a: {{get: {{parameters: [{{name: q, in: query, schema: {schema}}}]}}}}}}\n"
        ));
        then(only(&set).parameters[0].schema.unwrap())
    }

    #[test]
    fn have_the_types_that_their_schema_names_or_implies() {
        for (schema, kinds) in [
            ("{type: integer}", &["integer"][..]),
            ("{type: [integer, 'null']}", &["integer"]),
            ("{items: {type: string}}", &["array"]),
            ("{properties: {a: {}}}", &["object"]),
            ("{type: string, properties: {a: {}}}", &["string"]),
            ("{type: [integer, string]}", &["integer", "string"]),
            ("{}", &[]),
            ("true", &[]),
        ] {
            read(schema, |it| assert_eq!(it.kinds(), kinds, "{schema}"));
        }
    }

    #[test]
    fn have_the_bounds_of_either_version() {
        for (schema, bound, strict) in [
            ("{type: integer, minimum: 3}", 3.0, false),
            ("{type: integer, minimum: 3, exclusiveMinimum: true}", 3.0, true),
            ("{type: integer, exclusiveMinimum: 3}", 3.0, true),
        ] {
            read(schema, |it| assert_eq!(it.minimum(), Some((bound, strict)), "{schema}"));
        }
    }

    #[test]
    fn keep_their_style() {
        let text = "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{name: q, in: query, style: deepObject, explode: true, schema: {type: object}}, {name: c, in: query, content: {application/json: {}}}]}}}\n";
        let set = set(text);
        let operation = only(&set);
        let Parameter::Query { style, parameter_data, .. } = &operation.parameters[0].given else {
            panic!()
        };
        assert_eq!((style, parameter_data.explode), (&QueryStyle::DeepObject, Some(true)));
        let data = operation.parameters[1].given.parameter_data_ref();
        assert!(
            matches!(&data.format, ParameterSchemaOrContent::Content(content) if content.len() == 1)
        );
    }
}

mod swagger_2 {
    use super::*;

    fn urls(root: &str, operation: &str) -> (Vec<String>, Vec<Code>) {
        let set =
            set(&format!("swagger: '2.0'\n{root}\npaths: {{/a: {{get: {{{operation}}}}}}}\n"));
        let document = set.document().unwrap();
        let operation = document.operations().next().unwrap();
        let told =
            codes(&document.findings).into_iter().chain(codes(&operation.findings)).collect();
        (operation.servers.into_iter().map(|server| server.url).collect(), told)
    }

    #[test]
    fn host_base_path_and_schemes_are_servers() {
        let of = |urls: &[&str]| {
            (urls.iter().map(|&url| url.to_owned()).collect::<Vec<_>>(), Vec::new())
        };
        let root = "host: h:8080\nbasePath: /v1\nschemes: [http, https, ws]";
        assert_eq!(
            urls(root, ""),
            of(&["https://h:8080/v1", "http://h:8080/v1", "ws://h:8080/v1"])
        );
        assert_eq!(urls(root, "schemes: [http]"), of(&["http://h:8080/v1"]));
        assert_eq!(urls("host: h\nschemes: [http]\nbasePath: v1/", ""), of(&["http://h/v1/"]));
        assert_eq!(urls("basePath: /v1", ""), of(&["/v1"]));
        assert_eq!(urls("schemes: [http]", ""), of(&[]));
        assert_eq!(urls("host: h", ""), (vec!["https://h".to_owned()], vec![Code::ASSUMED_SCHEME]));
    }

    #[test]
    fn parameters_are_their_own_schemas() {
        let text = "swagger: '2.0'\npaths:\n  /a:\n    get:\n      parameters:\n        - {name: n, in: query, type: integer, format: int64, default: 3}\n        - {name: l, in: query, type: array, items: {type: string}, collectionFormat: pipes}\n        - {name: m, in: header, type: array, items: {type: string}, collectionFormat: multi}\n        - {name: s, in: query, schema: {type: boolean}}\n        - {name: b, in: body, schema: {}}\n        - {name: c, in: cookie}\n";
        let set = set(text);
        let operation = only(&set);
        assert_eq!(parameters(&operation), ["query n", "query l", "header m", "query s"]);
        assert_eq!(kinds(&operation, 0), ["integer"]);
        assert_eq!(kinds(&operation, 1), ["array"]);
        assert_eq!(kinds(&operation, 3), ["boolean"]);
        let parameter = &operation.parameters[1].given;
        assert!(matches!(parameter, Parameter::Query { style: QueryStyle::PipeDelimited, .. }));
        assert_eq!(parameter.parameter_data_ref().explode, Some(false));
        assert_eq!(operation.parameters[2].given.parameter_data_ref().explode, Some(true));
        assert_eq!(codes(&operation.findings), [Code::BROKEN_PARAMETER]);
    }

    fn body(consumes: &str, parameters: &str) -> Vec<String> {
        let set = set(&format!(
            "swagger: '2.0'\nconsumes: [application/xml]\npaths: {{/a: {{post: {{{consumes}parameters: [{parameters}]}}}}}}\n"
        ));
        let operation = only(&set);
        operation.body.unwrap_or_default()
    }

    #[test]
    fn bodies_and_forms_are_bodies_of_what_is_consumed() {
        let (file, field) =
            ("{name: f, in: formData, type: file}", "{name: g, in: formData, type: string}");
        assert_eq!(body("", "{name: b, in: body, schema: {}}"), ["application/xml"]);
        assert_eq!(body("consumes: [], ", "{name: b, in: body}"), ["*/*"]);
        assert_eq!(body("consumes: [], ", field), ["application/x-www-form-urlencoded"]);
        assert_eq!(body("consumes: [], ", &format!("{field}, {file}")), ["multipart/form-data"]);
        assert!(body("", "{name: q, in: query}").is_empty());
    }

    #[test]
    fn what_is_produced_counts_also_without_a_schema() {
        let text = "swagger: '2.0'\nproduces: [application/xml]\npaths:\n  /a:\n    get:\n      responses: {200: {description: ok}}\n    put:\n      produces: [text/csv]\n      responses: {200: {description: ok, examples: {application/json: {a: b}}}}\n";
        let set = set(text);
        let operations: Vec<_> = set.document().unwrap().operations().collect();
        let media = |index: usize| -> Vec<String> {
            operations[index].answers[0].media.iter().map(|media| media.name.to_string()).collect()
        };
        assert_eq!(media(0), ["application/xml"]);
        assert_eq!(media(1), ["text/csv", "application/json"]);
        assert_eq!(operations[1].answers[0].media[1].example().unwrap().text, "{\"a\":\"b\"}");
        assert!(operations[1].answers[0].media[0].example().is_none());
    }
}

mod examples {
    use super::*;

    fn example(media: &str) -> Option<String> {
        let set = set(&format!(
            "openapi: 3.1.0\npaths: {{/a: {{get: {{responses: {{200: {{content: {{{media}}}}}}}}}}}}}\nx: {{s: {{type: object, example: {{from: schema}}}}, l: {{examples: [1, 2]}}}}\n"
        ));
        only(&set).answers[0].media[0].example().map(|example| example.text)
    }

    #[test]
    fn come_from_the_nearest_that_gives_one() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            example("application/json: {example: null, schema: {$ref: '#/x/s'}}"),
            some("null")
        );
        assert_eq!(
            example("application/json: {examples: {a: {externalValue: u}, b: {value: 2}}}"),
            some("2")
        );
        assert_eq!(
            example("application/json: {schema: {$ref: '#/x/s'}}"),
            some("{\"from\":\"schema\"}")
        );
        assert_eq!(example("application/json: {schema: {$ref: '#/x/l'}}"), some("1"));
        assert_eq!(example("application/json: {schema: {type: string}}"), None);
        assert_eq!(example("application/json: {}"), None);
    }

    #[test]
    fn are_text_as_it_stands_where_the_type_is_not_json() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(example("text/plain: {example: 'a \"b\"'}"), some("a \"b\""));
        assert_eq!(example("application/xml: {example: {a: 1}}"), some("{\"a\":1}"));
        assert_eq!(example("application/vnd.x+json; v=1: {example: text}"), some("\"text\""));
    }
}

#[test]
fn references_that_lead_through_references_are_followed_and_bounded() {
    let text = "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{$ref: '#/x/b/c/0'}, {$ref: '#/x/%62/c/1'}, {$ref: '#/x/loop/c'}, {$ref: other}]}}}\nx: {b: {$ref: '#/y'}, loop: {$ref: '#/x/loop'}}\ny: {c: [{name: n, in: query}, {$ref: '#/z~1~0'}]}\nz/~: {name: m, in: query}\n";
    let set = set(text);
    let operation = only(&set);
    assert_eq!(parameters(&operation), ["query n", "query m"]);
    assert_eq!(codes(&operation.findings), [Code::MISSING_REFERENCE, Code::MISSING_REFERENCE]);
    assert_eq!(set.missing(), ["other"]);
}

#[test]
fn an_index_of_a_reference_is_written_in_one_way() {
    for (index, found) in [("0", true), ("1", true), ("00", false), ("+1", false), ("-", false)] {
        let set = set(&format!(
            "openapi: 3.0.0\npaths: {{/a: {{get: {{parameters: [{{$ref: '#/x/{index}'}}]}}}}}}\nx: [{{name: n, in: query}}, {{name: m, in: query}}]\n"
        ));
        assert_eq!(codes(&only(&set).findings).is_empty(), found, "{index}");
    }
}

/// Values of the kinds that stand in documents, under the keys that documents have.
fn documents() -> impl Strategy<Value = serde_json::Value> {
    let keys = prop::sample::select(vec![
        "$ref",
        "paths",
        "/a",
        "/a/{b}",
        "get",
        "post",
        "query",
        "trace",
        "additionalOperations",
        "parameters",
        "name",
        "in",
        "schema",
        "type",
        "items",
        "properties",
        "allOf",
        "oneOf",
        "enum",
        "default",
        "example",
        "examples",
        "value",
        "responses",
        "200",
        "2XX",
        "default",
        "content",
        "application/json",
        "servers",
        "url",
        "variables",
        "security",
        "components",
        "securitySchemes",
        "host",
        "basePath",
        "schemes",
        "produces",
        "consumes",
        "tags",
        "x-a",
        "callbacks",
        "headers",
        "links",
        "requestBody",
        "operationId",
    ]);
    let scalars = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        prop::sample::select(vec![
            "query",
            "path",
            "header",
            "body",
            "formData",
            "cookie",
            "integer",
            "object",
            "array",
            "#/paths/~1a",
            "#/paths/~1a/get",
            "#/components",
            "#",
            "#/",
            "other.yaml",
            "http://x/y",
            "https://{a}/",
            "a",
        ])
        .prop_map(Into::into),
    ];
    let values = scalars.prop_recursive(7, 120, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((keys.clone(), inner), 0..8).prop_map(|entries| {
                serde_json::Value::Object(
                    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
                )
            }),
        ]
    });
    (
        values,
        prop::sample::select(vec![("swagger", "2.0"), ("openapi", "3.0.0"), ("openapi", "3.2.0")]),
    )
        .prop_map(|(paths, (key, version))| {
            let mut root =
                serde_json::json!({"paths": {"/a": {"get": paths.clone()}, "/b": paths.clone()}});
            if let (Some(root), serde_json::Value::Object(more)) = (root.as_object_mut(), paths) {
                root.extend(more);
            }
            root[key] = version.into();
            root
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_makes_it_panic_and_all_that_is_counted_appears(document in documents()) {
        let mut set = set(&document.to_string());
        for address in set.missing() {
            set.add(address, Ok(document["paths"]["/b"].to_string()));
        }
        let document = set.document().unwrap();
        let operations: Vec<_> = document.operations().collect();
        prop_assert_eq!(operations.len(), document.operation_count());
        for operation in &operations {
            operation.touch();
        }
        prop_assert!(set.root().root().kind() == Kind::Map);
    }
}

#[test]
fn a_key_is_placed_where_it_is_written_behind_references_too() {
    let set = set(
        "openapi: 3.0.3\npaths:\n  /a: { $ref: '#/x-item' }\nx-item:\n  summary: of the path\n  get:\n    operationId: o\n",
    );
    let operation = only(&set);
    let at = |key: &str| operation.place_of(key).line;
    assert_eq!((at("operationId"), at("summary")), (7, 5));
    assert_eq!(operation.place_of("description"), operation.place);
}
