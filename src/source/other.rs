//! Files that are not documents and easily taken for some: code with a document in it, and the
//! files of other tools. A folder's are passed over; one that is named is told what it is, and
//! how its tool writes OpenAPI.
//!
//! Told by the ending of a name or by words near the top. Asked only where a file is not a
//! document that can be read: a document may lie under any name.

use memchr::memmem;

use crate::finding::{Code, Finding, Place};

/// A kind of file.
#[derive(Debug)]
pub(crate) struct OtherKind {
    /// What it is, behind "it is".
    what: &'static str,
    /// Where its document is, or how to get one.
    cure: &'static str,
    /// Endings of names.
    endings: &'static [&'static str],
    /// Words of which all stand near the top.
    words: &'static [&'static str],
}

impl OtherKind {
    /// That a source is of this kind, for one that was named.
    pub(crate) fn finding(&self, code: Code, place: Place) -> Finding {
        let message = format!("it is {}, not an OpenAPI or Swagger document", self.what);
        Finding::new(code, place, message).with_hint(self.cure)
    }
}

/// How many bytes from the top are looked at.
const TOP: usize = 4096;

/// What a file is by the ending of its name, if it is nothing that documents are kept in.
pub(crate) fn of_name(name: &str) -> Option<&'static OtherKind> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let ends = |kind: &&OtherKind| kind.endings.iter().any(|ending| name.ends_with(ending));
    KINDS.iter().find(ends)
}

/// What a file is by its first words.
pub(crate) fn of_text(text: &str) -> Option<&'static OtherKind> {
    let top = &text.as_bytes()[..text.len().min(TOP)];
    let has = |word: &&str| memmem::find(top, word.as_bytes()).is_some();
    KINDS.iter().find(|kind| !kind.words.is_empty() && kind.words.iter().all(has))
}

const fn code(
    what: &'static str,
    endings: &'static [&'static str],
    cure: &'static str,
) -> OtherKind {
    OtherKind { what, cure, endings, words: &[] }
}

const fn tool(what: &'static str, words: &'static [&'static str], cure: &'static str) -> OtherKind {
    OtherKind { what, cure, endings: &[], words }
}

const KINDS: &[OtherKind] = &[
    code(
        "Go code",
        &[".go"],
        "swaggo writes swagger.json and swagger.yaml beside docs.go: name one of them",
    ),
    code(
        "Python code",
        &[".py", ".pyi", ".ipynb"],
        "have the program write its document: with FastAPI, json.dumps(app.openapi())",
    ),
    code(
        "JavaScript or TypeScript code",
        &[".js", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".vue"],
        "have the program write its document: swagger-jsdoc -d CONFIG -o openapi.yaml, or JSON.stringify(SwaggerModule.createDocument(...)) with NestJS",
    ),
    code(
        "code",
        &[
            ".java", ".kt", ".scala", ".groovy", ".cs", ".rb", ".php", ".rs", ".ex", ".sh",
            ".swift", ".dart",
        ],
        "have the program write its document: springdoc serves it at /v3/api-docs, ASP.NET at /swagger/v1/swagger.json",
    ),
    code(
        "text for readers",
        &[".md", ".mdx", ".rst", ".adoc", ".tex"],
        "put the document into a file of its own",
    ),
    code(
        "a template",
        &[".tpl", ".tmpl", ".j2", ".jinja", ".jinja2", ".mustache", ".hbs", ".ejs", ".erb"],
        "fill it in first, and name what comes out",
    ),
    code(
        "a Protocol Buffers file",
        &[".proto"],
        "protoc-gen-openapi or buf writes OpenAPI from it",
    ),
    code(
        "a WSDL or XML schema",
        &[".wsdl", ".xsd"],
        "SOAP has one path for all operations; describe those in OpenAPI",
    ),
    code(
        "the configuration of Redocly",
        &["redocly.yaml", ".redocly.yaml", "redocly.yml", ".redocly.yml"],
        "name the documents that it lists under `apis`",
    ),
    tool(
        "a Postman collection",
        &["getpostman.com"],
        "Postman writes OpenAPI from a collection: \"Generate specification\" in its menu, or GET /collections/ID/transformations of the Postman API",
    ),
    tool(
        "a Postman collection",
        &["_postman_id"],
        "Postman writes OpenAPI from a collection: \"Generate specification\" in its menu",
    ),
    tool(
        "an export of Insomnia",
        &["__export_format"],
        "`inso export spec NAME` writes the OpenAPI document of a design",
    ),
    tool(
        "an export of Insomnia",
        &["insomnia.rest/"],
        "`inso export spec NAME` writes the OpenAPI document of a design",
    ),
    tool(
        "a recording of calls (HAR)",
        &["\"log\"", "\"entries\""],
        "har-to-openapi makes a document of it",
    ),
    tool(
        "an AsyncAPI document",
        &["asyncapi"],
        "it describes messages; name an OpenAPI document of the calls",
    ),
    tool(
        "the configuration of Kong (decK)",
        &["_format_version"],
        "decK does not write OpenAPI; name the documents that it was made from",
    ),
    tool(
        "a WSDL document",
        &["<wsdl:"],
        "SOAP has one path for all operations; describe those in OpenAPI",
    ),
    tool(
        "a WSDL document",
        &["<definitions"],
        "SOAP has one path for all operations; describe those in OpenAPI",
    ),
    tool(
        "a page",
        &["<html"],
        "give the address of the document that the page shows, such as /v3/api-docs, /openapi.json or /swagger.json",
    ),
    tool("a RAML document", &["#%RAML"], "export it as OpenAPI from API Designer"),
    tool("an API Blueprint", &["FORMAT: 1A"], "apib2swagger writes OpenAPI from it"),
    tool("an OpenAPI Overlay", &["overlay:"], "apply it to its document first, and name that"),
    tool("an Arazzo description", &["arazzo:"], "name the documents under `sourceDescriptions`"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_known_by_its_name_and_files_of_tools_by_their_words() {
        let named = |name: &str| of_name(name).map(|kind| kind.what);
        assert_eq!(named("docs/docs.go"), Some("Go code"));
        assert_eq!(named(r"docs\README.MD"), Some("text for readers"));
        assert_eq!(named("x/redocly.yaml"), Some("the configuration of Redocly"));
        for name in ["swagger.json", "openapi.yaml", "go", "https://api.test/v3/api-docs"] {
            assert_eq!(named(name), None, "{name}");
        }
        let worded = |text: &str| of_text(text).map(|kind| kind.what);
        let postman = r#"{"info":{"schema":"https://schema.getpostman.com/json/collection"}}"#;
        assert_eq!(worded(postman), Some("a Postman collection"));
        assert_eq!(worded("<!DOCTYPE html>\n<html>"), Some("a page"));
        assert_eq!(worded("_format_version: '3.0'"), Some("the configuration of Kong (decK)"));
        assert_eq!(worded("openapi: 3.0.3"), None);
    }
}
