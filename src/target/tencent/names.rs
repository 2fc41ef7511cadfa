//! The names of the request's fields that the program itself reads or writes, as paths from
//! the request down: `ServiceConfig.Url`.
//!
//! A test holds each of them against the type model; the many that only settings and
//! extensions name are not here.

macro_rules! names {
    ($($name:ident = $path:literal;)*) => {
        $(pub(crate) const $name: &str = $path;)*

        #[cfg(test)]
        const ALL: &[&str] = &[$($path),*];
    };
}

names! {
    SERVICE_ID = "ServiceId";
    SERVICE_TYPE = "ServiceType";
    SERVICE_TIMEOUT = "ServiceTimeout";
    PROTOCOL = "Protocol";
    PATH = "RequestConfig.Path";
    METHOD = "RequestConfig.Method";
    API_NAME = "ApiName";
    API_DESC = "ApiDesc";
    API_TYPE = "ApiType";
    AUTH_TYPE = "AuthType";
    ENABLE_CORS = "EnableCORS";
    CONSTANT_PARAMETERS = "ConstantParameters";
    REQUEST_PARAMETERS = "RequestParameters";
    API_BUSINESS_TYPE = "ApiBusinessType";
    MOCK_MESSAGE = "ServiceMockReturnMessage";
    MICRO_SERVICES = "MicroServices";
    TARGET_SERVICES = "TargetServices";
    FUNCTION_NAME = "ServiceScfFunctionName";
    TRANSPORT_FUNCTION_NAME = "ServiceWebsocketTransportFunctionName";
    RESPONSE_TYPE = "ResponseType";
    SUCCESS_EXAMPLE = "ResponseSuccessExample";
    FAIL_EXAMPLE = "ResponseFailExample";
    SERVICE_CONFIG = "ServiceConfig";
    NETWORK_PRODUCT = "ServiceConfig.Product";
    NETWORK_ID = "ServiceConfig.UniqVpcId";
    BACKEND_URL = "ServiceConfig.Url";
    BACKEND_PATH = "ServiceConfig.Path";
    BACKEND_METHOD = "ServiceConfig.Method";
    UPSTREAM_ID = "ServiceConfig.UpstreamId";
    BUCKET = "ServiceConfig.CosConfig";
    BUCKET_ACTION = "ServiceConfig.CosConfig.Action";
    AUTHORISER_ID = "AuthRelationApiId";
    SERVICE_PARAMETERS = "ServiceParameters";
    DELETE_ERROR_CODES = "IsDeleteResponseErrorCodes";
    PUBLIC_KEY = "OauthConfig.PublicKey";
    ERROR_CODES = "ResponseErrorCodes";
    EVENT_BUS_ID = "EventBusId";
    EIAM_APP_ID = "EIAMAppId";
}

/// The rules of when a function's answer is decoded, which only a change can set.
pub(crate) const TRIGGER_RULES: &str = "Base64EncodedTriggerRules";

/// Fields that the gateway answers and that only a change can set.
pub(crate) const TRIGGERS: [&str; 2] = ["IsBase64Trigger", TRIGGER_RULES];

/// Names within the items of the request's lists.
pub(crate) mod item {
    names! {
        NAME = "Name";
        DESC = "Desc";
        POSITION = "Position";
        TYPE = "Type";
        DEFAULT_VALUE = "DefaultValue";
        REQUIRED = "Required";
        SOURCE_POSITION = "RelevantRequestParameterPosition";
        SOURCE_NAME = "RelevantRequestParameterName";
        SOURCE_DESC = "RelevantRequestParameterDesc";
        SOURCE_TYPE = "RelevantRequestParameterType";
        CODE = "Code";
        MESSAGE = "Msg";
        PORT = "VmPort";
    }

    #[cfg(test)]
    pub(super) const NAMES: &[&str] = ALL;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tencent::model::{Field, REQUEST, fields};

    fn find(type_name: &str, name: &str) -> Option<&'static Field> {
        fields(type_name).iter().find(|field| field.name == name)
    }

    #[test]
    fn the_model_has_every_name() {
        for path in ALL {
            let mut here = REQUEST;
            for name in path.split('.') {
                let field = find(here, name).unwrap_or_else(|| panic!("{path}"));
                here = field.inner().unwrap_or_default();
            }
        }
        let types: Vec<&str> = fields(REQUEST).iter().filter_map(Field::inner).collect();
        for name in item::NAMES {
            assert!(types.iter().any(|of| find(of, name).is_some()), "{name}");
        }
    }
}
