//! The kinds of backend that an API can have, and what each of them is reached by.

use BackendKind::{
    Clb, Cos, Eb, Grpc, Http, Mock, Scf, Target, Tsf, Unknown, Upstream, Vpc, Websocket,
};

/// A value of `ServiceType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum BackendKind {
    /// An HTTP server.
    #[default]
    Http,
    /// A fixed answer.
    Mock,
    /// A microservice.
    Tsf,
    /// A function.
    Scf,
    /// An event bus.
    Eb,
    /// Machines.
    Target,
    /// An HTTP server in a private network.
    Vpc,
    /// An upstream channel.
    Upstream,
    /// A gRPC server.
    Grpc,
    /// A bucket.
    Cos,
    /// A WebSocket server.
    Websocket,
    /// A load balancer, which only the gateway's answers list.
    Clb,
    /// A value that the type model does not list, which is reported where it is set.
    Unknown,
}

const NAMES: [(BackendKind, &str); 12] = [
    (Http, "HTTP"),
    (Mock, "MOCK"),
    (Tsf, "TSF"),
    (Scf, "SCF"),
    (Eb, "EB"),
    (Target, "TARGET"),
    (Vpc, "VPC"),
    (Upstream, "UPSTREAM"),
    (Grpc, "GRPC"),
    (Cos, "COS"),
    (Websocket, "WEBSOCKET"),
    (Clb, "CLB"),
];

impl BackendKind {
    /// The kind of this name.
    pub fn named(name: &str) -> Self {
        NAMES.iter().find(|(_, known)| *known == name).map_or(Unknown, |(kind, _)| *kind)
    }

    /// Its name; empty for one that is not known.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Whether it is reached by an address, a path and a method.
    pub(crate) fn has_address(self) -> bool {
        matches!(self, Http | Websocket | Vpc | Grpc | Clb)
    }

    /// Whether its path and method are filled in from the operation; a microservice and machines
    /// are given none that nobody asked for.
    pub(crate) fn takes_path(self) -> bool {
        self.has_address() || matches!(self, Upstream | Cos)
    }

    /// Whether it has a path and a method; what is called may be set in fields of its own.
    pub(crate) fn has_path(self) -> bool {
        self.has_address() || matches!(self, Upstream | Cos | Tsf | Target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tencent::model::{REQUEST, fields};
    use crate::target::tencent::names::SERVICE_TYPE;

    #[test]
    fn the_kinds_are_those_of_the_model() {
        let field = fields(REQUEST).iter().find(|field| field.name == SERVICE_TYPE).unwrap();
        assert_eq!(field.values().collect::<Vec<_>>(), NAMES.map(|(_, name)| name));
        for (kind, name) in NAMES {
            assert_eq!((BackendKind::named(name), kind.as_str()), (kind, name));
        }
        assert_eq!(BackendKind::named("http"), Unknown);
    }
}
