//! Reads a service whole: what it lists, and every API of it. Reads only; what others change
//! meanwhile may be read before or after.

use std::collections::BTreeSet;

use crate::run::reading::{ReadPace, ask, list, read_each};
use crate::target::Gateway;
use crate::target::tencent::export::holding::Holding;

/// Reads a service. An API that is gone when it is read is none of it any more.
///
/// # Errors
/// The gateway cannot be reached or refuses, in words.
pub async fn read<G: Gateway>(
    gateway: &G,
    service: &str,
    pace: ReadPace,
) -> Result<Holding, String> {
    let state = ask(gateway, || gateway.service(service)).await?;
    let ids: BTreeSet<String> =
        list(gateway, service).await?.into_iter().map(|api| api.api_id).collect();
    let asked: Vec<(&str, &str)> = ids.iter().map(|id| (service, &**id)).collect();
    let mut apis = Vec::with_capacity(asked.len());
    read_each(gateway, pace, &asked, |_, api| apis.extend(api)).await?;
    let description = apis.iter().map(|api| api.text("ServiceDesc")).find(|it| !it.is_empty());
    let description = description.unwrap_or_default().to_owned();
    let name = state.name.unwrap_or_default();
    Ok(Holding { service: service.to_owned(), name, description, apis, unread: BTreeSet::new() })
}
