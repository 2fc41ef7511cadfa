//! What keeps an operation from being sent to this gateway, and what is not carried over.

use crate::finding::codes;

codes! {
    from 200;
    NO_BACKEND "no-backend" Error "Neither the document nor a setting names a backend", hint "give --backend URL, or --mock missing";
    RELATIVE_SERVER "relative-server" Error "The server's address is relative and no host is given", hint "give --backend URL; the server's path goes after it";
    SERVER_VARIABLE "server-variable" Error "The server's address has a variable without a default", hint "give the variable a default, or --backend URL";
    SERVER_ADDRESS "server-address" Error "The gateway cannot call the server's address", hint "correct it, or set ServiceConfig.Url by a rule";
    BACKEND_NOT_CARRIED "backend-not-carried" Error "Another gateway's backend cannot be migrated", hint "name a backend by a rule: set ServiceConfig.Url, or ServiceType";
    UNSUPPORTED_METHOD "unsupported-method" Error "The gateway has no such method";
    PATCH_METHOD "patch-method" Error "Whether the gateway takes PATCH is not known", hint "`patch: any` in the settings creates it as ANY, `patch: send` as PATCH";
    OPTIONS_METHOD "options-method" Error "The gateway has no OPTIONS, and CORS, which would answer it, is off", hint "set EnableCORS, or skip the operation by a rule";
    WEBSOCKET_METHOD "websocket-method" Error "A WEBSOCKET API is reached by GET alone";
    PATH_WITHOUT_SLASH "path-without-slash" Error "The path does not begin with a slash";
    PATH_QUERY "path-query" Error "The path holds a query or a fragment, which no request path has", hint "move what follows `?` into parameters, or skip the operations by a rule";
    PATH_CHARACTER "path-character" Error "The path holds what no request path has: white space, a control character, a `.` or `..` segment";
    PATH_TEMPLATE "path-template" Error "The path's braces do not pair, are empty, or name a parameter twice";
    MOCK_WITHOUT_EXAMPLE "mock-without-example" Error "A MOCK needs a body, and the success response has no example", hint "`mock-synthesize: true` makes one from the schema";
    TOO_MANY_PARAMETERS "too-many-parameters" Error "The gateway takes at most 100 parameters";
    BODY_TOO_LARGE "body-too-large" Error "The request is larger than the gateway takes";
    REQUIRED_FIELD "required-field" Error "The backend type needs a field that is not set", hint "set it by a rule or in `defaults`";
    NO_AUTHORISER "no-authoriser" Error "The API that would authorise is not in the plan", hint "name it by `authorised-by`, mark it by `ApiBusinessType: OAUTH`, and let it go to the same service";
    INVALID_FIELD "invalid-field" Error "CreateApi does not take such a value there";
    METHOD_WIDENED "method-widened" Warning "PATCH is created as ANY, which answers every method";
    PARTIAL_TEMPLATE "partial-template" Warning "A parameter is only part of a path segment; whether the gateway matches it is not known";
    GREEDY_PARAMETER "greedy-parameter" Warning "A parameter that takes in several segments elsewhere takes one here", hint "a rule can set RequestConfig.Path and ServiceConfig.Path to plain paths, which are prefixes at the gateway";
    COOKIE_PARAMETER "cookie-parameter" Warning "The gateway has no cookie parameters; cookies pass through undeclared";
    PARAMETER_FLATTENED "parameter-flattened" Warning "The parameter is declared as a string, since the gateway has no such type";
    PARAMETER_UNDECLARED "parameter-undeclared" Warning "The path names a parameter that is not declared; it is declared as a string";
    PARAMETER_UNUSED "parameter-unused" Warning "A path parameter that the path does not name is left out";
    DEFAULT_OF_ANOTHER_TYPE "default-of-another-type" Warning "A parameter's default is not a value of its type and is left out";
    PARAMETER_UNNAMED "parameter-unnamed" Warning "A parameter without a name is left out";
    NAME_CUT "name-cut" Warning "`ApiName` holds 60 characters; a longer name is cut and gets a suffix";
    DESCRIPTION_CUT "description-cut" Warning "A description is cut at `description-limit`";
    EXAMPLE_CUT "example-cut" Warning "An example is cut at `example-limit`";
    SEVERAL_SERVERS "several-servers" Warning "Of several servers the first is the backend", hint "a rule can choose another by ServiceConfig.Url", counted "with several servers; the first is taken";
    SERVER_DEFAULTS "server-defaults" Note "The variables of a server take their defaults", hint "a rule can choose other values by ServiceConfig.Url", counted "with a server whose variables take their defaults";
    SERVER_QUERY "server-query" Warning "What follows `?` or `#` in a server's address is left out";
    SECURITY_NOT_ENFORCED "security-not-enforced" Warning "Operations require credentials; the gateway passes them on and the backend goes on checking them", hint "the settings' `security` makes the gateway check them", counted "with required credentials, which the gateway passes on unchecked";
    NOBODY_MAY_CALL "nobody-may-call" Warning "APIs with SECRET, APP or EIAM answer no caller until a usage plan or an app is bound", hint "bind one after the import, in the console or by BindSecretIds and BindApiApp", counted "that nobody can call until a usage plan or an app is bound";
    EXTENSION_NOT_CARRIED "extension-not-carried" Warning "The create call has no field for what an extension sets";
    CALLBACKS "callbacks" Warning "The gateway has no callbacks", counted "with callbacks, which the gateway does not have";
    SHADOWED_PATH "shadowed-path" Warning "A path with a parameter takes the requests of a plain path", hint "`path-match: exact` in the settings puts plain paths first";
    SIMILAR_PATH "similar-path" Warning "Two paths differ only by a slash at the end or by case; whether the gateway tells them apart is not known";
    PREFIX_PATH "prefix-path" Note "A plain path is matched as a prefix, so it answers for longer paths that lack its method", hint "`path-match: exact` in the settings matches whole paths", counted "with a plain path, which also answers for longer paths";
    ANY_BESIDE_METHOD "any-beside-method" Note "A path has an API for every method and one for a method of its own; which of them the gateway asks is not documented", hint "write out the methods that callers use, or leave one of the two out with --exclude", counted "for every method of a path that has APIs for single methods too; which of them the gateway asks is not documented";
    LINKS "links" Note "The gateway has no links between operations", counted "with links, which the gateway does not have";
    RESPONSE_HEADERS "response-headers" Note "Response headers pass through and are not declared", counted "with response headers, which pass through undeclared";
    PARAMETER_CONSTRAINTS "parameter-constraints" Note "The gateway does not check which values of its type a parameter takes (`enum`, `pattern`, `minimum`, ...)", counted "with {} of parameters, which the gateway does not check";
    PARAMETER_DETAILS "parameter-details" Note "A detail of a parameter has no field (`allowReserved`, `allowEmptyValue`, `deprecated`, examples, extensions)", counted "with {} of parameters, which no field takes";
    DOCUMENTATION "documentation" Note "What is written for readers has no field (tags, `deprecated`, `externalDocs`, schemas, extensions); requests and answers pass through", counted "with {}, which no field takes";
}
