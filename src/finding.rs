//! Something to tell about a source: a code, a place, a message, a hint.
//!
//! Codes are stable: users search for them and name them in `--deny` and `--allow`.
//! Rendering for people is the preview's; here are only values.

pub mod notes;
pub mod tally;

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

/// How much a finding costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// Something that the document says is not carried over as it stands.
    Warning,
    /// The operation (or the source, where no operation is concerned) cannot be sent.
    Error,
}

impl Severity {
    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where in which source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The source's name as shown.
    pub source: Arc<str>,
    /// From 1; 0 where the place is the source as a whole.
    pub line: u32,
    /// From 1, in characters; 0 where the place is the source as a whole.
    pub column: u32,
    /// JSON pointer, `""` for the whole document.
    pub pointer: Arc<str>,
}

/// Something to tell about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// The code's own severity, unless `--deny` raised it.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is so, in one sentence without a full stop.
    pub message: String,
    /// What to do about it, where this place has better advice than the code's own.
    pub hint: Option<String>,
}

impl Finding {
    /// A finding with the code's own severity and hint.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), place, message: message.into(), hint: None }
    }

    /// The same finding with advice of its own.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The advice to show: this place's own, else the code's.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref().or_else(|| self.code.hint())
    }
}

macro_rules! codes {
    ($($variant:ident $text:literal $severity:ident $description:literal, $hint:expr;)*) => {
        /// What kind of thing a finding tells. The texts are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $description] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text, kebab-case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What a finding of this code costs.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// One sentence for the reference.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// What to do about it, in general.
            pub fn hint(self) -> Option<&'static str> {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

// One line a code: variant, text, severity, description, hint.
codes! {
    // What is read.
    Unreadable "unreadable" Error "The source cannot be read", None;
    NotADocument "not-a-document" Error "The source is no OpenAPI or Swagger document", None;
    UnsupportedVersion "unsupported-version" Error "The document's version is not read", Some("Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are read");
    SyntaxError "syntax-error" Error "The text is not valid JSON or YAML", None;
    BadEncoding "bad-encoding" Error "The text is in an encoding that is not read", Some("save it as UTF-8");
    OverBudget "over-budget" Error "The document is larger or nested deeper than any real one", None;
    NewerVersion "newer-version" Note "The document's version is newer than those that are known", Some("it is read as the newest known one");
    SecondDocument "second-document" Error "A file holds more than one YAML document; only the first is read", Some("put each document into a file of its own");
    TrailingComma "trailing-comma" Note "A comma before a closing bracket, which JSON does not allow", None;
    RepeatedKey "repeated-key" Warning "A key stands twice in one object; the last one counts", Some("remove one of the two");
    OddKey "odd-key" Warning "A key is a list or an object; its entry is left out", None;
    OddMerge "odd-merge" Warning "A merge key (`<<`) has a value that is no object, so nothing is merged", Some("merge an object, or a list of objects, with `<<: *name`");
    OddTag "odd-tag" Warning "A tag that is not of YAML's core schema; the value is read without it", None;
    WrongType "wrong-type" Warning "A value has the wrong type and is left out", None;
    NoPaths "no-paths" Note "The document has no paths, so there is nothing to import", None;
    NotImported "not-imported" Note "Something that describes requests but is no operation: webhooks, callbacks, `x-ms-paths`", None;
    UnknownMethod "unknown-method" Warning "A key of a path item is no method of the document's version", None;
    MissingPathItem "missing-path-item" Error "A path's `$ref` leads nowhere, so its operations are not known", None;
    MissingReference "missing-reference" Error "A `$ref` that the operation needs leads nowhere", None;
    MissingSchema "missing-schema" Note "A `$ref` to a schema or a body leads nowhere; nothing depends on it", None;
    MissingFile "missing-file" Warning "A file that the document refers to cannot be read", None;
    RepeatedOperation "repeated-operation" Error "A path, a method or the whole of `paths` stands twice", Some("remove or rename one of the two");
    BrokenParameter "broken-parameter" Warning "A parameter cannot be understood and is left out", None;
    OddStatus "odd-status" Warning "A key of the responses is no status", None;
    OverriddenOperation "overridden-operation" Warning "A path item and what its `$ref` leads to have the same method; the path item's own counts", Some("remove one of the two");
    AssumedScheme "assumed-scheme" Warning "A host is named without `schemes`; `https` is taken", Some("add `schemes` to the document");
    WholeAddress "whole-address" Warning "`host` or `basePath` holds a whole address, which is taken as the server's", None;

    // What becomes of an operation: what makes it unfit.
    NoService "no-service" Error "No service takes the operation", Some("give --service ID, or an entry under `services` in the settings");
    NoBackend "no-backend" Error "Neither the document nor a setting names a backend", Some("give --backend URL, or --mock missing");
    RelativeServer "relative-server" Error "The server's address is relative and nothing says what to", Some("give --backend URL; the server's path goes after it");
    ServerVariable "server-variable" Error "The server's address has a variable without a default", Some("give the variable a default, or --backend URL");
    ServerAddress "server-address" Error "The server's address is none that the gateway can call", Some("correct it, or set ServiceConfig.Url by a rule");
    BackendNotCarried "backend-not-carried" Error "Another gateway's backend cannot be carried over", Some("name a backend by a rule: set ServiceConfig.Url, or ServiceType");
    UnsupportedMethod "unsupported-method" Error "The gateway has no such method", None;
    PatchMethod "patch-method" Error "Whether the gateway takes PATCH is not known", Some("`patch: any` in the settings creates it as ANY, `patch: send` as PATCH");
    OptionsMethod "options-method" Error "The gateway has no OPTIONS, and CORS, which would answer it, is off", Some("set EnableCORS, or skip the operation by a rule");
    WebsocketMethod "websocket-method" Error "A WEBSOCKET API is reached by GET alone", None;
    PathWithoutSlash "path-without-slash" Error "The path does not begin with a slash", None;
    PathQuery "path-query" Error "The path holds a query or a fragment, which no request path has", Some("move what follows `?` into parameters, or skip the operations by a rule");
    PathCharacter "path-character" Error "The path holds what no request path has: white space, a control character, a `.` or `..` segment", None;
    PathTemplate "path-template" Error "The path's braces do not pair, are empty, or name a parameter twice", None;
    MockWithoutExample "mock-without-example" Error "A MOCK needs a body, and the success response has no example", Some("`mock-synthesize: true` makes one from the schema");
    TooManyParameters "too-many-parameters" Error "The gateway takes at most 100 parameters", None;
    BodyTooLarge "body-too-large" Error "The request is larger than the gateway takes", None;
    RequiredField "required-field" Error "The backend type needs a field that nobody gives", Some("set it by a rule or in `defaults`");
    SecurityConflict "security-conflict" Error "The settings' `security` has different ways for what an operation requires together", Some("map one of the schemes, or set AuthType by a rule");
    NoAuthoriser "no-authoriser" Error "The API that would authorise is not in the plan", Some("name it by `authorised-by`, mark it by `ApiBusinessType: OAUTH`, and let it go to the same service");
    InvalidField "invalid-field" Error "The value is none that CreateApi takes there", None;
    TemplateWithoutValue "template-without-value" Error "A `${...}` of the settings has no value for this operation", None;
    SameRoute "same-route" Error "An earlier operation has the same service, method and path", Some("send one of them to another service, or leave it out with --exclude");

    // What becomes of an operation: what is not carried over as it stands.
    MethodWidened "method-widened" Warning "PATCH is created as ANY, which answers every method", None;
    PartialTemplate "partial-template" Warning "A parameter is only part of a path segment; whether the gateway matches it is not known", None;
    GreedyParameter "greedy-parameter" Warning "A parameter that takes in several segments elsewhere takes one here", Some("a rule can set RequestConfig.Path and ServiceConfig.Path to plain paths, which are prefixes at the gateway");
    CookieParameter "cookie-parameter" Warning "The gateway has no cookie parameters; cookies pass through undeclared", None;
    ParameterFlattened "parameter-flattened" Warning "The parameter is declared as a string, since the gateway has no such type", None;
    ParameterUndeclared "parameter-undeclared" Warning "The path names a parameter that nobody declares; it is declared as a string", None;
    ParameterUnused "parameter-unused" Warning "A path parameter that the path does not name is left out", None;
    ParameterRepeated "parameter-repeated" Warning "The parameter is declared twice; the first counts", None;
    DefaultOfAnotherType "default-of-another-type" Warning "A parameter's default is no value of its type and is left out", None;
    ParameterUnnamed "parameter-unnamed" Warning "A parameter without a name is left out", None;
    NameCut "name-cut" Warning "`ApiName` holds 60 characters; a longer name is cut and gets a suffix", None;
    NameTaken "name-taken" Warning "An earlier item of the service has the name; a suffix tells them apart", None;
    DescriptionCut "description-cut" Warning "A description is cut at `description-limit`", None;
    ExampleCut "example-cut" Warning "An example is cut at `example-limit`", None;
    SeveralServers "several-servers" Warning "Of several servers the first is the backend", Some("a rule can choose another by ServiceConfig.Url");
    ServerDefaults "server-defaults" Note "The variables of a server take their defaults", Some("a rule can choose other values by ServiceConfig.Url");
    ServerQuery "server-query" Warning "What follows `?` or `#` in a server's address is left out", None;
    SecurityNotEnforced "security-not-enforced" Warning "Operations require credentials; the gateway passes them on and the backend goes on checking them", Some("the settings' `security` makes the gateway check them");
    SecurityNarrowed "security-narrowed" Warning "An alternative way to authenticate no longer lets callers in", Some("map it in the settings' `security` too, or set AuthType by a rule");
    NobodyMayCall "nobody-may-call" Warning "APIs with SECRET, APP or EIAM answer nobody until a usage plan or an app is bound", Some("bind one after the import, in the console or by BindSecretIds and BindApiApp");
    ExtensionNotCarried "extension-not-carried" Warning "The create call has no field for what an extension says", None;
    Callbacks "callbacks" Warning "The gateway has no callbacks", None;
    ShadowedPath "shadowed-path" Warning "A path with a parameter takes the requests of a plain path", Some("`path-match: exact` in the settings puts plain paths first");
    SimilarPath "similar-path" Warning "Two paths differ only by a slash at the end or by case; whether the gateway tells them apart is not known", None;
    PrefixPath "prefix-path" Note "A plain path is matched as a prefix, so it answers for longer paths that lack its method", Some("`path-match: exact` in the settings matches whole paths");
    Links "links" Note "The gateway has no links between operations", None;
    ResponseHeaders "response-headers" Note "Response headers pass through and are not declared", None;
    ParameterConstraints "parameter-constraints" Note "The gateway does not check which values of its type a parameter takes (`enum`, `pattern`, `minimum`, ...)", None;
    ParameterDetails "parameter-details" Note "Something said of a parameter has no field (`allowReserved`, `allowEmptyValue`, `deprecated`, examples, extensions)", None;
    Documentation "documentation" Note "What is written for readers has no field (tags, `deprecated`, `externalDocs`, schemas, extensions); requests and answers pass through", None;

    // What became of an operation since an earlier run of the same report.
    Changed "changed" Warning "The operation has changed since its API was created; the API stands as it was", Some("delete the API and import again, or change it in the console");
    SourceGone "source-gone" Warning "The operation of the row is no longer in its source, or the source cannot be read", None;
}

/// The reference of all codes as a Markdown table, as it stands in the README.
pub fn reference() -> String {
    let mut table =
        String::from("| code | severity | meaning | what to do |\n| --- | --- | --- | --- |\n");
    for code in Code::ALL {
        let (severity, hint) = (code.severity().as_str(), code.hint().unwrap_or(""));
        let _ = writeln!(table, "| `{code}` | {severity} | {} | {hint} |", code.description());
    }
    table
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}
/// Whether these findings make what they are about unfit.
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
