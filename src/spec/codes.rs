//! What can be wrong with a document.

use crate::finding::codes;

codes! {
    from 100;
    NOT_A_DOCUMENT "not-a-document" Error "The source is not an OpenAPI or Swagger document";
    UNSUPPORTED_VERSION "unsupported-version" Error "The document's version is not supported", hint "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are read";
    SYNTAX_ERROR "syntax-error" Error "The text is not valid JSON or YAML";
    OVER_BUDGET "over-budget" Error "The document is larger or nested deeper than any real one";
    NEWER_VERSION "newer-version" Note "The document's version is newer than those that are known", hint "it is read as the newest known one";
    SECOND_DOCUMENT "second-document" Error "A file holds more than one YAML document; only the first is read", hint "put each document into a file of its own";
    TRAILING_COMMA "trailing-comma" Note "A comma before a closing bracket, which JSON does not allow";
    JSON_COMMENT "json-comment" Warning "JSON has no comments; they are passed over as JavaScript's";
    LOOSE_YAML "loose-yaml" Warning "Something that YAML 1.2 does not allow and many readers take; it is read as they read it", hint "write it as YAML has it";
    REPEATED_KEY "repeated-key" Warning "A key is repeated in one object; the last one counts", hint "remove one of the two";
    ODD_KEY "odd-key" Warning "A key is a list or an object; its entry is left out";
    ODD_MERGE "odd-merge" Warning "A merge key (`<<`) has a value that is not an object, so nothing is merged", hint "merge an object, or a list of objects, with `<<: *name`";
    ODD_TAG "odd-tag" Warning "A tag that is not in YAML's core schema, or one that not all readers take alike";
    WRONG_TYPE "wrong-type" Warning "A value has the wrong type and is left out";
    NO_PATHS "no-paths" Note "The document has no paths, so there is nothing to import";
    NOT_IMPORTED "not-imported" Note "Something that describes requests but is not an operation: webhooks, callbacks, `x-ms-paths`";
    UNKNOWN_METHOD "unknown-method" Warning "A key of a path item is not a method of the document's version";
    MISSING_PATH_ITEM "missing-path-item" Error "A path's `$ref` cannot be resolved, so its operations are not known";
    MISSING_REFERENCE "missing-reference" Error "A `$ref` that the operation needs cannot be resolved";
    MISSING_SCHEMA "missing-schema" Note "A `$ref` to a schema or a body cannot be resolved; nothing depends on it";
    VOID_DEFAULT "void-default" Warning "A default beside a `$ref`, which does not count before OpenAPI 3.1", hint "put the reference into `allOf` and the default beside it";
    MISSING_FILE "missing-file" Warning "A file that the document refers to cannot be read";
    REPEATED_OPERATION "repeated-operation" Error "A path, a method or the whole of `paths` is repeated", hint "remove or rename one of the two";
    BROKEN_PARAMETER "broken-parameter" Warning "A parameter cannot be understood and is left out";
    ODD_STATUS "odd-status" Warning "A key of the responses is not a status";
    OVERRIDDEN_OPERATION "overridden-operation" Warning "A path item and the target of its `$ref` have the same method; the path item's own counts", hint "remove one of the two";
    ASSUMED_SCHEME "assumed-scheme" Warning "A host is named without a scheme; https is taken", hint "write the scheme into the document", counted "with a server without a scheme; https is taken";
    WHOLE_ADDRESS "whole-address" Warning "`host` or `basePath` holds a whole address, which is taken as the server's";
    PARAMETER_REPEATED "parameter-repeated" Warning "The parameter is declared twice; the first counts";
}
