//! What an error code means: a table from code to [`Meaning`].
//!
//! Codes match whole, then by first segment for the few families named here, never by
//! substring: three unlike codes contain `LimitExceeded`. A code that is not in the table
//! is [`Meaning::Unclear`]: a needless look costs one read, a needless create costs a
//! duplicate.

use Hold::{Everyone, Item, Service as Queue};
use Meaning::{Clock, Gone, InUse, MaybeTaken, Refused, Stop, Token, Unclear, Wait};

use crate::target::meaning::{Hold, Meaning, Scope};

/// What this code means.
pub fn meaning(code: &str) -> Meaning {
    let whole = |(_, codes): &&(Meaning, &[&str])| codes.contains(&code);
    let first = code.split('.').next().unwrap_or_default();
    let family = || FAMILIES.iter().find(|(_, families)| families.contains(&first));
    TABLE.iter().find(whole).or_else(family).map_or(Unclear, |(meaning, _)| *meaning)
}

/// Codes that match whole.
const TABLE: &[(Meaning, &[&str])] = &[
    (Wait(Everyone), &["LimitExceeded.RequestLimitExceeded"]),
    (Wait(Queue), &["FailedOperation.ServiceInOperation"]),
    (Wait(Item), &["FailedOperation.ApiInOperation", "ResourceUnavailable"]),
    (Clock, &["AuthFailure.SignatureExpire"]),
    (Token, &["AuthFailure.TokenFailure"]),
    // The API may stand although a step after its creation failed. `ResourceInUse` and
    // `ApiError` may also be how an API that exists is refused; either way a look decides.
    (
        Unclear,
        &[
            "FailedOperation",
            "FailedOperation.ApiError",
            "FailedOperation.EIAMError",
            "FailedOperation.EbError",
            "FailedOperation.ScfError",
            "FailedOperation.ServiceError",
            "ResourceInUse",
            "ServiceUnavailable",
            "UnsupportedOperation.UnpackError",
        ],
    ),
    // No code for "exists already" is published; these two are what it may hide behind.
    (
        MaybeTaken,
        &[
            "InvalidParameterValue.InvalidApiRequestConfig",
            "InvalidParameterValue.InvalidRequestParameters",
        ],
    ),
    (
        Refused,
        &[
            "FailedOperation.BackendDomainError",
            "FailedOperation.DomainNeedBeian",
            "FailedOperation.GetRoleError",
            "InvalidRequest",
            "OperationDenied",
            "RequestSizeLimitExceeded",
            "ResourceNotFound.InvalidOauthApi",
            "UnsupportedOperation",
            "UnsupportedOperation.ApiListNotEmpty",
            "UnsupportedOperation.ExistingOnlineEnvironment",
            "UnsupportedOperation.InvalidEndpointType",
            "UnsupportedOperation.ModifyEIAMAuthApi",
            "UnsupportedOperation.ModifyProtocol",
            "UnsupportedOperation.UnsupportedNetType",
        ],
    ),
    (Gone, &["ResourceNotFound.InvalidApi"]),
    (InUse, &["UnsupportedOperation.UnsupportedDeleteApi"]),
    // `ServiceExist` is published with the text "the service does not exist".
    (
        Stop(Scope::Service),
        &[
            "FailedOperation.ServiceNotExist",
            "LimitExceeded",
            "LimitExceeded.ApiCountLimitExceeded",
            "ResourceInsufficient",
            "ResourceNotFound.InvalidService",
            "UnsupportedOperation.BasicServiceNoMoreApi",
            "UnsupportedOperation.ServiceExist",
        ],
    ),
    // `UnknownParameter` is the answer to a field that the gateway does not know: every
    // other item would meet it too.
    (
        Stop(Scope::Run),
        &[
            "ActionOffline",
            "InvalidAction",
            "InvalidParameterValue.InvalidRegion",
            "IpInBlacklist",
            "IpNotInWhitelist",
            "NoSuchProduct",
            "NoSuchVersion",
            "ResourcesSoldOut",
            "UnknownParameter",
            "UnsupportedOperation.AccountArrears",
            "UnsupportedOperation.InvalidAction",
            "UnsupportedOperation.InvalidServiceTrade",
            "UnsupportedOperation.UinNotInWhiteList",
            "UnsupportedProtocol",
            "UnsupportedRegion",
        ],
    ),
];

/// First segments that mean the same whatever follows.
const FAMILIES: &[(Meaning, &[&str])] = &[
    (Wait(Everyone), &["RequestLimitExceeded"]),
    (Unclear, &["InternalError"]),
    (Refused, &["InvalidParameter", "InvalidParameterValue", "MissingParameter"]),
    (Stop(Scope::Run), &["AuthFailure", "UnauthorizedOperation"]),
];

/// What to do about this code, where there is more to say than the gateway's message.
pub fn hint(code: &str) -> Option<&'static str> {
    let first = code.split('.').next().unwrap_or_default();
    let names = |(codes, _): &&(&[&str], _)| codes.contains(&code);
    let family = || HINTS.iter().find(|(codes, _)| *codes == [first]);
    HINTS.iter().find(names).or_else(family).map(|(_, hint)| *hint)
}

/// Advice. A line with a single code that is a first segment covers its subcodes.
const HINTS: &[(&[&str], &str)] = &[
    (
        &["ActionOffline", "InvalidAction", "NoSuchProduct", "NoSuchVersion"],
        "the public API Gateway is being switched off in batches since 30 October 2026; for a \
         private or finance edition name its address with --endpoint",
    ),
    (
        &["LimitExceeded.ApiCountLimitExceeded", "LimitExceeded"],
        "the service is full: spread the documents over several services, or have the quota \
         raised and say so with --quota",
    ),
    (
        &["UnsupportedOperation.BasicServiceNoMoreApi"],
        "a service of the basic edition holds one API: name another service",
    ),
    (
        &[
            "ResourceNotFound.InvalidService",
            "UnsupportedOperation.ServiceExist",
            "FailedOperation.ServiceNotExist",
        ],
        "no such service there: check its id, --region, and that these credentials may see it",
    ),
    (
        &["AuthFailure.SignatureFailure", "AuthFailure.InvalidAuthorization"],
        "the SecretKey does not belong to the SecretId, or was cut when it was copied",
    ),
    (
        &["AuthFailure.SecretIdNotFound", "AuthFailure.InvalidSecretId"],
        "check that the SecretId exists, is enabled and is of this site's account",
    ),
    (&["AuthFailure.SignatureExpire"], "this machine's clock is more than five minutes off"),
    (
        &["AuthFailure.TokenFailure"],
        "the temporary credentials are no longer valid: renew them, then resume",
    ),
    (
        &["AuthFailure.MFAFailure"],
        "the account asks for a second factor: use a key that does not need one",
    ),
    (&["AuthFailure.UnauthorizedOperation", "UnauthorizedOperation.AccessResource"], RIGHTS),
    (&["UnauthorizedOperation"], RIGHTS),
    (
        &["LimitExceeded.RequestLimitExceeded"],
        "others share this limit (the console, another run): lower --rate",
    ),
    (
        &["RequestLimitExceeded"],
        "others share this limit (the console, another run, other users of the account): lower \
         --rate",
    ),
    (
        &["FailedOperation.DomainNeedBeian"],
        "the backend's domain needs an ICP filing with Tencent Cloud before an API may use it",
    ),
    (
        &["FailedOperation.GetRoleError"],
        "the account has not authorised the gateway's service role; the console asks for it once",
    ),
    (&["UnsupportedOperation.AccountArrears"], "the account is in arrears"),
    (
        &["IpInBlacklist", "IpNotInWhitelist"],
        "the account does not accept calls from this machine's address",
    ),
    (
        &["UnsupportedRegion", "InvalidParameterValue.InvalidRegion"],
        "the gateway is not offered there: check --region and --endpoint",
    ),
    (&["UnknownParameter"], "this edition of the gateway does not know a field that was sent"),
    (&["InvalidParameterValue.LimitExceeded"], "an API takes at most 100 parameters"),
];

const RIGHTS: &str = "these credentials lack the right: CreateApi, DescribeApisStatus and \
                      DescribeService of apigateway are needed";

#[cfg(test)]
mod tests {
    use super::*;

    /// Every published code with what it is held to say: those of `CreateApi`, those common
    /// to all actions, and those of the other actions that a run calls.
    const PUBLISHED: &str = include_str!("testdata/meanings.txt");

    fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = PUBLISHED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| line.split_once(' ').unwrap())
    }

    #[test]
    fn the_meaning_of_every_published_code_is_pinned() {
        let told = lines().map(|(code, _)| format!("{code} {:?}", meaning(code)));
        let pinned = lines().map(|(code, meaning)| format!("{code} {}", meaning.trim()));
        assert_eq!(told.collect::<Vec<_>>().join("\n"), pinned.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn no_code_of_the_table_is_missing_from_the_published_ones() {
        let published = lines().map(|(code, _)| code).collect::<Vec<_>>();
        for code in TABLE.iter().chain(FAMILIES).flat_map(|(_, codes)| *codes) {
            assert!(published.contains(code), "{code}");
        }
    }

    #[test]
    fn no_code_stands_in_the_table_twice() {
        let mut codes = TABLE.iter().flat_map(|(_, codes)| *codes).collect::<Vec<_>>();
        codes.sort_unstable();
        let before = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), before);
    }

    #[test]
    fn a_code_that_nobody_published_is_unclear() {
        for code in ["", ".", "Brand.New", "FailedOperation.New", "UnsupportedOperation.New"] {
            assert_eq!(meaning(code), Unclear, "{code}");
        }
        for code in ["LimitExceeded.New", "ResourceNotFound.New", "requestlimitexceeded"] {
            assert_eq!(meaning(code), Unclear, "{code}");
        }
    }

    #[test]
    fn three_unlike_codes_that_contain_the_same_words_are_kept_apart() {
        assert_eq!(meaning("RequestLimitExceeded"), Wait(Everyone));
        assert_eq!(meaning("LimitExceeded.ApiCountLimitExceeded"), Stop(Scope::Service));
        assert_eq!(meaning("InvalidParameterValue.LimitExceeded"), Refused);
    }

    #[test]
    fn retirement_quota_and_credentials_come_with_advice() {
        for code in ["ActionOffline", "InvalidAction", "NoSuchProduct", "NoSuchVersion"] {
            assert!(hint(code).unwrap().contains("switched off"), "{code}");
        }
        assert!(hint("LimitExceeded.ApiCountLimitExceeded").unwrap().contains("--quota"));
        assert!(hint("UnauthorizedOperation.New").is_some());
        assert_eq!(hint("InvalidParameterValue.InvalidUrl"), None);
    }
}
