//! `CreateApi` as it goes over the wire: all of its fields and every type nested in it.
//!
//! Fields stand in the order of the official type model, and a field that is not set is not
//! sent. A name that the model does not know is refused on the way in, so that a typing
//! slip in settings cannot vanish. What values mean together (a backend and its address, say)
//! is not judged here; lists of allowed values are [`crate::target::tencent::model`]'s.
//!
//! Source of names, types and what is required: the action's page in the gateway's API
//! reference, version 2018-08-08, and the type model of its official command line.

use serde::{Deserialize, Serialize};

/// Writes a wire type: the fields that must be sent, then those that may be.
///
/// A macro, since otherwise every second line of this file were an attribute that says
/// "leave out when unset", and a field that lacks it is a `null` on the wire.
macro_rules! wire {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            required { $($(#[$must_doc:meta])* $must:ident: $must_type:ty,)* }
            optional { $($(#[$may_doc:meta])* $may:ident: $may_type:ty,)* }
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $name {
            $($(#[$must_doc])* pub $must: $must_type,)*
            $(
                $(#[$may_doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $may: Option<$may_type>,
            )*
        }
    )*};
}

wire! {
    /// One API to create: the body of `CreateApi`.
    CreateApi {
        required {
            /// The service that will own the API.
            service_id: String,
            /// The kind of backend: `HTTP`, `MOCK`, `SCF`, ….
            service_type: String,
            /// How long the gateway waits for the backend, in seconds.
            service_timeout: i64,
            /// What callers speak: `HTTP` or `WEBSOCKET`.
            protocol: String,
            /// The path and the method that callers use.
            request_config: ApiRequestConfig,
        }
        optional {
            /// At most 60 characters and unique within its service, by the console's rule.
            api_name: String,
            /// Free text.
            api_desc: String,
            /// `NORMAL` (the gateway's default) or `TSF` for a microservice.
            api_type: String,
            /// Who may call: `NONE` (the gateway's default), `SECRET`, `OAUTH`, `APP`, `EIAM`.
            auth_type: String,
            /// Whether browsers of other origins may call.
            #[serde(rename = "EnableCORS")]
            enable_cors: bool,
            /// Parameters of a fixed value that the gateway adds for an HTTP backend.
            constant_parameters: Vec<ConstantParameter>,
            /// The parameters that callers send.
            request_parameters: Vec<RequestParameter>,
            /// With `OAUTH`: `NORMAL` for a business API, `OAUTH` for one that authorises.
            api_business_type: String,
            /// The fixed answer of a `MOCK` backend; must not be empty there.
            service_mock_return_message: String,
            /// The microservices behind a `TSF` backend.
            micro_services: Vec<MicroServiceReq>,
            /// How calls are spread over a microservice's instances.
            service_tsf_load_balance_conf: TsfLoadBalanceConfResp,
            /// When a microservice's instance counts as unwell.
            service_tsf_health_check_conf: HealthCheckConf,
            /// The machines behind a `TARGET` backend.
            target_services: Vec<TargetServicesReq>,
            /// How calls are spread over those machines.
            target_services_load_balance_conf: i64,
            /// When such a machine counts as unwell.
            target_services_health_check_conf: HealthCheckConf,
            /// The function behind an `SCF` backend.
            service_scf_function_name: String,
            /// The function told when a WebSocket opens.
            service_websocket_register_function_name: String,
            /// The function told when a WebSocket closes.
            service_websocket_cleanup_function_name: String,
            /// The function that takes a WebSocket's messages.
            service_websocket_transport_function_name: String,
            /// The namespace of the `SCF` function.
            service_scf_function_namespace: String,
            /// The version or alias of the `SCF` function.
            service_scf_function_qualifier: String,
            /// The namespace of the function told when a WebSocket opens.
            service_websocket_register_function_namespace: String,
            /// The version of the function told when a WebSocket opens.
            service_websocket_register_function_qualifier: String,
            /// The namespace of the function that takes a WebSocket's messages.
            service_websocket_transport_function_namespace: String,
            /// The version of the function that takes a WebSocket's messages.
            service_websocket_transport_function_qualifier: String,
            /// The namespace of the function told when a WebSocket closes.
            service_websocket_cleanup_function_namespace: String,
            /// The version of the function told when a WebSocket closes.
            service_websocket_cleanup_function_qualifier: String,
            /// Whether the `SCF` function's result is itself a whole HTTP answer.
            service_scf_is_integrated_response: bool,
            /// Reserved for the marketplace.
            is_debug_after_charge: bool,
            /// Whether to wipe custom error codes; means something on a change only.
            is_delete_response_error_codes: bool,
            /// `HTML`, `JSON`, `TEXT`, `BINARY` or `XML`; documentation only.
            response_type: String,
            /// An example of a success; documentation only.
            response_success_example: String,
            /// An example of a failure; documentation only.
            response_fail_example: String,
            /// Where the backend is.
            service_config: ServiceConfig,
            /// With `OAUTH` and `NORMAL`: the ApiId of the API that authorises.
            auth_relation_api_id: String,
            /// What an HTTP backend's parameters are called and where they are put.
            service_parameters: Vec<ServiceParameter>,
            /// With `OAUTH`: how a token is found and checked.
            oauth_config: OauthConfig,
            /// The error codes that the API documents or converts.
            response_error_codes: Vec<ResponseErrorCodeReq>,
            /// The namespace of a serverless microservice (in beta).
            target_namespace_id: String,
            /// Reserved.
            user_type: String,
            /// Whether bodies reach an `SCF` function in Base64.
            is_base64_encoded: bool,
            /// The event bus behind an `EB` backend.
            event_bus_id: String,
            /// `EVENT` or `HTTP`.
            service_scf_function_type: String,
            /// Whether an `SCF` event is handed over without waiting for its end.
            service_scf_event_is_async_call: bool,
            /// The kind of `EIAM` application, such as `Client`.
            #[serde(rename = "EIAMAppType")]
            eiam_app_type: String,
            /// `AuthenticationOnly` or `Authorization`.
            #[serde(rename = "EIAMAuthType")]
            eiam_auth_type: String,
            /// How long an `EIAM` token is valid, in seconds; the gateway's default is 7200.
            token_timeout: i64,
            /// The `EIAM` application.
            #[serde(rename = "EIAMAppId")]
            eiam_app_id: String,
            /// Who owns the resource.
            owner: String,
        }
    }

    /// The path and the method that callers use.
    ApiRequestConfig {
        required {
            /// `/plain` (matches as a prefix), `/with/{name}`, `=/exact`, `^~/prefix` or a
            /// regular expression.
            path: String,
            /// `GET`, `POST`, `PUT`, `DELETE`, `HEAD` or `ANY`.
            method: String,
        }
        optional {}
    }

    /// A parameter of a fixed value.
    ConstantParameter {
        required {}
        optional {
            /// Its name at the backend.
            name: String,
            /// What it is for.
            desc: String,
            /// `HEADER` or `QUERY`.
            position: String,
            /// Its value.
            default_value: String,
        }
    }

    /// A parameter that callers send.
    RequestParameter {
        required {}
        optional {
            /// Its name.
            name: String,
            /// What it is for.
            desc: String,
            /// `PATH`, `QUERY` or `HEADER`.
            position: String,
            /// Its type, such as `string` or `int`.
            #[serde(rename = "Type")]
            type_: String,
            /// Its value where callers send none; a string whatever its type.
            default_value: String,
            /// Whether a call without it is refused.
            required: bool,
        }
    }

    /// One microservice behind a `TSF` backend.
    MicroServiceReq {
        required {
            /// Its cluster.
            cluster_id: String,
            /// Its namespace.
            namespace_id: String,
            /// Its name.
            micro_service_name: String,
        }
        optional {}
    }

    /// How calls are spread over a microservice's instances.
    TsfLoadBalanceConfResp {
        required {}
        optional {
            /// Whether they are spread at all.
            is_load_balance: bool,
            /// By which rule, such as `RoundRobinRule`.
            method: String,
            /// Whether a caller stays with one instance.
            session_stick_required: bool,
            /// For how long; the unit is not published.
            session_stick_timeout: i64,
        }
    }

    /// When an instance counts as unwell.
    HealthCheckConf {
        required {}
        optional {
            /// Whether it is checked at all.
            is_health_check: bool,
            /// Calls below which nothing is concluded.
            request_volume_threshold: i64,
            /// How long an unwell instance is left alone, in milliseconds.
            sleep_window_in_milliseconds: i64,
            /// The share of failed calls that makes it unwell, in per cent.
            error_threshold_percentage: i64,
        }
    }

    /// One machine behind a `TARGET` backend.
    TargetServicesReq {
        required {
            /// The machine's address.
            vm_ip: String,
            /// Its network.
            vpc_id: String,
            /// Its port.
            vm_port: i64,
            /// The address of its host.
            host_ip: String,
        }
        optional {
            /// The address of its container.
            docker_ip: String,
        }
    }

    /// Where the backend is.
    ServiceConfig {
        required {}
        optional {
            /// What stands in the private network: `clb`, `cvm` or `upstream`.
            product: String,
            /// The private network.
            uniq_vpc_id: String,
            /// Scheme, host and port, without a path.
            url: String,
            /// The backend's path.
            path: String,
            /// The backend's method.
            method: String,
            /// The upstream channel.
            upstream_id: String,
            /// The bucket of a `COS` backend.
            cos_config: CosConfig,
        }
    }

    /// What a `COS` backend does with which bucket.
    CosConfig {
        required {
            /// Such as `GetObject`; depends on the front method.
            action: String,
            /// The bucket.
            bucket_name: String,
        }
        optional {
            /// Whether the gateway signs its calls to the bucket.
            authorization: bool,
            /// `BackEndPath` (the gateway's default) or `FullPath`.
            path_match_mode: String,
        }
    }

    /// What a parameter is called and where it is put at the backend.
    ServiceParameter {
        required {}
        optional {
            /// Its name at the backend.
            name: String,
            /// Where it is put at the backend.
            position: String,
            /// Where callers send it.
            relevant_request_parameter_position: String,
            /// Its name with callers.
            relevant_request_parameter_name: String,
            /// Its value where callers send none.
            default_value: String,
            /// What it is for.
            relevant_request_parameter_desc: String,
            /// Its type.
            relevant_request_parameter_type: String,
        }
    }

    /// How an OAuth token is found and checked.
    OauthConfig {
        required {
            /// The key that tokens are checked with.
            public_key: String,
            /// Where callers send the token.
            token_location: String,
        }
        optional {
            /// Where callers without a token are sent.
            login_redirect_url: String,
        }
    }

    /// An error code that the API documents or converts.
    ResponseErrorCodeReq {
        required {}
        optional {
            /// The code.
            code: i64,
            /// Its message.
            msg: String,
            /// What it means.
            desc: String,
            /// What it is converted to.
            converted_code: i64,
            /// Whether it is converted.
            need_convert: bool,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    /// The model is read here as plain JSON, so that a slip in `super::model` cannot hide one
    /// in this file.
    fn model() -> Value {
        serde_json::from_str(include_str!("model.json")).unwrap()
    }

    fn fields<'m>(model: &'m Value, name: &str) -> &'m [Value] {
        model["types"][name].as_array().unwrap()
    }

    /// A value of a type with every field of the model set, in the model's order.
    fn full(model: &Value, name: &str) -> Value {
        let fields = fields(model, name).iter();
        fields.map(|f| (f["name"].as_str().unwrap().to_owned(), sample(model, f))).collect()
    }

    fn sample(model: &Value, field: &Value) -> Value {
        match field["type"].as_str().unwrap() {
            "string" => json!(format!("a {}", field["name"].as_str().unwrap())),
            "integer" => json!(7),
            "boolean" => json!(true),
            "object" => full(model, field["of"].as_str().unwrap()),
            "array" => match field["items"].as_str().unwrap() {
                "string" => json!(["one"]),
                of => json!([full(model, of)]),
            },
            other => panic!("the model has a new type: {other}"),
        }
    }

    fn read(value: &Value) -> Result<CreateApi, serde_json::Error> {
        serde_json::from_str(&value.to_string())
    }

    /// Calls `visit` with every object inside a full request: the path to it, its type.
    fn each_object(model: &Value, name: &str, at: &str, visit: &mut impl FnMut(&str, &str)) {
        visit(at, name);
        for field in fields(model, name) {
            let inner = format!("{at}/{}", field["name"].as_str().unwrap());
            if let Some(of) = field["of"].as_str() {
                each_object(model, of, &inner, visit);
            }
            if let Some(of) = field["items"].as_str().filter(|of| *of != "string") {
                each_object(model, of, &format!("{inner}/0"), visit);
            }
        }
    }

    fn object<'v>(whole: &'v mut Value, at: &str) -> &'v mut Map<String, Value> {
        whole.pointer_mut(at).unwrap().as_object_mut().unwrap()
    }

    #[test]
    fn it_has_all_fields_of_the_model_and_sends_them_in_its_order() {
        let model = model();
        let whole = full(&model, "CreateApiRequest");
        assert_eq!(whole.as_object().unwrap().len(), 54);
        let request = read(&whole).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), whole.to_string());
    }

    #[test]
    fn it_has_no_field_that_the_model_lacks() {
        let model = model();
        each_object(&model, "CreateApiRequest", "", &mut |at, name| {
            let mut whole = full(&model, "CreateApiRequest");
            object(&mut whole, at).insert("Nonsense".into(), json!(1));
            let said = read(&whole).unwrap_err().to_string();
            assert!(said.contains("unknown field `Nonsense`"), "{said}");
            let known = said.split('`').skip(3).step_by(2).collect::<Vec<_>>();
            let wanted = fields(&model, name).iter().map(|f| f["name"].as_str().unwrap());
            assert_eq!(known, wanted.collect::<Vec<_>>(), "{name}");
        });
    }

    #[test]
    fn what_the_model_requires_is_required_and_nothing_else_is() {
        let model = model();
        each_object(&model, "CreateApiRequest", "", &mut |at, name| {
            for field in fields(&model, name) {
                let mut whole = full(&model, "CreateApiRequest");
                object(&mut whole, at).shift_remove(field["name"].as_str().unwrap());
                let read = read(&whole);
                assert_eq!(read.is_err(), field["required"] == json!(true), "{name} {field}");
                if let Ok(request) = read {
                    assert_eq!(serde_json::to_value(&request).unwrap(), whole);
                }
            }
        });
    }

    #[test]
    fn every_field_has_the_models_type() {
        let model = model();
        each_object(&model, "CreateApiRequest", "", &mut |at, name| {
            for field in fields(&model, name) {
                let mut whole = full(&model, "CreateApiRequest");
                let wrong = if field["type"] == "string" { json!(1) } else { json!("1") };
                object(&mut whole, at)[field["name"].as_str().unwrap()] = wrong;
                assert!(read(&whole).is_err(), "{name} {field}");
            }
        });
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        let request = CreateApi { service_id: "s".into(), ..CreateApi::default() };
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"ServiceId":"s","ServiceType":"","ServiceTimeout":0,"Protocol":"","RequestConfig":{"Path":"","Method":""}}"#
        );
    }
}
