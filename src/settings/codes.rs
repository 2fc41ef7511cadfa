//! What can be wrong with the settings for an operation.

use crate::finding::codes;

codes! {
    from 300;
    SECURITY_CONFLICT "security-conflict" Error "The settings' `security` maps schemes that an operation requires together to different checks", hint "map one of the schemes, or set AuthType by a rule";
    TEMPLATE_WITHOUT_VALUE "template-without-value" Error "A `${...}` of the settings has no value for this operation";
    SECURITY_NARROWED "security-narrowed" Warning "An alternative way to authenticate no longer lets callers in", hint "map it in the settings' `security` too, or set AuthType by a rule";
}
