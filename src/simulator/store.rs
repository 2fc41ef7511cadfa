//! What the gateway holds: services and their APIs. Pure: times are passed in.
//!
//! Whether a body is well formed and makes sense was judged before ([`crate::simulator::check`],
//! [`crate::simulator::rules`]); here is only what depends on what is there already.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::simulator::answer::Refusal;
use crate::simulator::body::word;
use crate::simulator::random::mix;
use crate::simulator::service::{Api, Key, Policy, Release, Service, takes};

/// All services.
#[derive(Debug, Default)]
pub(crate) struct Store {
    services: IndexMap<String, Service>,
    seed: u64,
    /// How many ids were made.
    made: u64,
}

impl Store {
    /// A store with these services; `seed` decides the ids that it makes.
    pub(crate) fn new(services: &[String], seed: u64, now: Timestamp) -> Self {
        let mut store = Self { seed, ..Self::default() };
        for id in services {
            store.restore_service(id, &named(id), now);
        }
        store
    }

    pub(crate) fn service(&self, id: &str) -> Result<&Service, Refusal> {
        self.services.get(id).ok_or_else(|| no_service(id))
    }

    pub(crate) fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    fn service_mut(&mut self, id: &str) -> Result<&mut Service, Refusal> {
        self.services.get_mut(id).ok_or_else(|| no_service(id))
    }

    /// Adds a service.
    pub(crate) fn create_service(&mut self, body: &Map<String, Value>, now: Timestamp) -> String {
        let id = self.new_id("service-");
        self.restore_service(&id, body, now);
        id
    }

    /// Takes a service away that is neither released nor holds anything.
    pub(crate) fn delete_service(&mut self, id: &str) -> Result<(), Refusal> {
        let service = self.service(id)?;
        if !service.environments.is_empty() {
            let text = format!("The service is released to {}.", service.environments.join(", "));
            return Err(Refusal::new("UnsupportedOperation.ExistingOnlineEnvironment", text));
        }
        if !service.apis.is_empty() {
            let text = format!("The service holds {} APIs.", service.apis.len());
            return Err(Refusal::new("UnsupportedOperation.ApiListNotEmpty", text));
        }
        self.services.shift_remove(id);
        Ok(())
    }

    /// Adds an API, unless something that is there already prevents it.
    pub(crate) fn create_api(
        &mut self,
        body: &Map<String, Value>,
        text: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Api, Refusal> {
        let service = self.service(word(body, "ServiceId"))?;
        service.room_for(body, policy)?;
        let service = service.id.clone();
        let id = self.new_id("api-");
        Ok(self.restore_api(&service, &id, text, now).clone())
    }

    /// Takes an API away.
    pub(crate) fn delete_api(&mut self, service: &str, id: &str) -> Result<Api, Refusal> {
        let held = self.service(service)?;
        if !held.apis.contains_key(id) {
            return Err(no_api(id));
        }
        let bound = |api: &Api| word(&api.fields(), "AuthRelationApiId") == id;
        // Reading every body again would make deleting many APIs quadratic.
        if held.apis.values().filter(|api| api.body.contains(id)).any(bound) {
            let text = format!("Other APIs are bound to the authorising API `{id}`.");
            return Err(Refusal::new("UnsupportedOperation.UnsupportedDeleteApi", text));
        }
        self.service_mut(service)?.remove(id).ok_or_else(|| no_api(id))
    }

    pub(crate) fn api(&self, service: &str, id: &str) -> Result<&Api, Refusal> {
        self.service(service)?.apis.get(id).ok_or_else(|| no_api(id))
    }

    /// Gives an API other fields, unless something that is there already prevents it.
    pub(crate) fn modify_api(
        &mut self,
        service: &str,
        id: &str,
        body: &Map<String, Value>,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let others = takes(&self.api(service, id)?.fields()).collect::<Vec<_>>();
        let fresh = takes(body).filter(|taken| !others.contains(taken));
        self.service(service)?.free(fresh, policy)?;
        self.restore_changed(service, id, &Value::from(body.clone()).to_string(), now);
        Ok(())
    }

    /// Gives an API the fields that it is known to have been changed to.
    pub(crate) fn restore_changed(&mut self, service: &str, id: &str, text: &str, now: Timestamp) {
        let Some(held) = self.services.get_mut(service) else { return };
        let Some(api) = held.apis.get_mut(id) else { return };
        let before = api.fields();
        api.earlier = Some(std::mem::replace(&mut api.body, text.into()));
        api.modified = now;
        let after = api.fields();
        let Key { method, path } = Key::of(&after);
        (api.method, api.path) = (method, path);
        held.give_back(&before);
        held.take(&after);
    }

    /// Releases a service to an environment.
    pub(crate) fn release(&mut self, service: &str, release: Release) -> Result<(), Refusal> {
        let service = self.service_mut(service)?;
        if service.apis.is_empty() {
            let text = "The service has no API to release.";
            return Err(Refusal::new("ResourceNotFound.InvalidApi", text));
        }
        if !service.environments.contains(&release.environment) {
            service.environments.push(release.environment.clone());
        }
        service.releases.push(release);
        Ok(())
    }

    /// Takes a service offline in an environment.
    pub(crate) fn unrelease(&mut self, service: &str, environment: &str) -> Result<(), Refusal> {
        let service = self.service_mut(service)?;
        let Some(place) = service.environments.iter().position(|one| one == environment) else {
            let text = format!("The service is not released to `{environment}`.");
            return Err(Refusal::new("InvalidParameterValue.InvalidEnvStatus", text));
        };
        service.environments.remove(place);
        Ok(())
    }

    /// Binds usage plans to an environment of a service.
    pub(crate) fn bind(&mut self, body: &Map<String, Value>) -> Result<(), Refusal> {
        let service = self.service_mut(word(body, "ServiceId"))?;
        let plans = body.get("UsagePlanIds").and_then(Value::as_array).into_iter().flatten();
        let environment = word(body, "Environment");
        for id in plans.filter_map(Value::as_str) {
            let plan = (environment.to_owned(), id.to_owned());
            if service.plans.contains(&plan) {
                let text = format!("The usage plan `{id}` is bound already.");
                return Err(Refusal::new("UnsupportedOperation.AlreadyBindUsagePlan", text));
            }
            service.plans.push(plan);
        }
        Ok(())
    }

    /// Adds a service that is known to exist.
    pub(crate) fn restore_service(&mut self, id: &str, body: &Map<String, Value>, now: Timestamp) {
        let service = Service::new(id, body, now);
        self.services.insert(id.to_owned(), service);
    }

    /// Adds an API that is known to exist. Its service is made if need be.
    pub(crate) fn restore_api(
        &mut self,
        service: &str,
        id: &str,
        text: &str,
        now: Timestamp,
    ) -> &Api {
        if !self.services.contains_key(service) {
            self.restore_service(service, &named(service), now);
        }
        self.made += 1;
        let body: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let held = &mut self.services[service];
        held.take(&body);
        let Key { method, path } = Key::of(&body);
        let (id, body) = (id.to_owned(), text.into());
        let (created, modified, earlier) = (now, now, None);
        let api = Api { id: id.clone(), path, method, created, modified, body, earlier };
        let place = held.apis.insert_full(id, api).0;
        &held.apis[place]
    }

    /// An id that nothing has yet, the same in every run with the same seed and order.
    pub(crate) fn new_id(&mut self, prefix: &str) -> String {
        loop {
            self.made += 1;
            let id = format!("{prefix}{}", eight_characters(mix(self.seed ^ mix(self.made))));
            let used = self.services.values().any(|service| service.apis.contains_key(&id));
            if !used && !self.services.contains_key(&id) {
                return id;
            }
        }
    }
}

fn no_service(id: &str) -> Refusal {
    Refusal::new("ResourceNotFound.InvalidService", format!("The service `{id}` cannot be seen."))
}

/// The fields of a service that only its id is known of.
fn named(id: &str) -> Map<String, Value> {
    let fields = [("ServiceName", id), ("Protocol", "http&https")];
    fields.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect()
}

pub(crate) fn no_api(id: &str) -> Refusal {
    Refusal::new("ResourceNotFound.InvalidApi", format!("The API `{id}` cannot be seen."))
}

fn eight_characters(mut number: u64) -> String {
    let digit = |n: u64| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(n % 36) as usize]);
    let mut text = String::new();
    for _ in 0..8 {
        text.push(digit(number));
        number /= 36;
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulator::scenario::{Duplicates, Sameness};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn policy(quota: u64) -> Policy {
        Policy { quota, ..Policy::default() }
    }

    fn body(path: &str, name: &str) -> Map<String, Value> {
        let config = json!({"Path": path, "Method": "GET"});
        let body = json!({"ServiceId": "s", "ApiName": name, "RequestConfig": config});
        body.as_object().unwrap().clone()
    }

    fn create(
        store: &mut Store,
        path: &str,
        name: &str,
        policy: &Policy,
    ) -> Result<String, String> {
        let body = body(path, name);
        let text = serde_json::to_string(&body).unwrap();
        let made = store.create_api(&body, &text, policy, NOW);
        made.map(|api| api.id).map_err(|refusal| refusal.code)
    }

    #[test]
    fn ids_are_the_same_for_the_same_seed_and_order_and_never_twice() {
        let made = |seed| {
            let mut store = Store::new(&["s".into()], seed, NOW);
            let one = |n| create(&mut store, &format!("/{n}"), "", &policy(1000)).unwrap();
            (0..500).map(one).collect::<Vec<_>>()
        };
        assert_eq!(made(1), made(1));
        let mut ids = made(1);
        assert!(ids.iter().all(|id| id.len() == 12 && id.starts_with("api-")));
        ids.extend(made(2));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn a_full_service_takes_no_more() {
        let mut store = Store::new(&["s".into()], 0, NOW);
        create(&mut store, "/a", "", &policy(1)).unwrap();
        let told = create(&mut store, "/b", "", &policy(1));
        assert_eq!(told.unwrap_err(), "LimitExceeded.ApiCountLimitExceeded");
    }

    #[test]
    fn a_second_api_of_a_key_is_refused_or_taken_as_told_and_free_again_after_a_delete() {
        let mut store = Store::new(&["s".into()], 0, NOW);
        let refuse = Policy { duplicates: Duplicates::Refuse("ResourceInUse".into()), ..policy(9) };
        let accept = Policy { duplicates: Duplicates::Accept, ..policy(9) };
        let first = create(&mut store, "/a", "", &refuse).unwrap();
        assert_eq!(create(&mut store, "/a", "", &refuse).unwrap_err(), "ResourceInUse");
        let second = create(&mut store, "/a", "", &accept).unwrap();
        store.delete_api("s", &first).unwrap();
        assert!(create(&mut store, "/a", "", &refuse).is_err());
        store.delete_api("s", &second).unwrap();
        create(&mut store, "/a", "", &refuse).unwrap();
    }

    #[test]
    fn what_more_is_the_same_key_is_as_told() {
        let same = |one: (&str, &str), other: (&str, &str), same: Sameness| {
            let key =
                |(method, path): (&str, &str)| Key { method: method.into(), path: path.into() };
            same.holds(&key(one), &key(other))
        };
        let exact = Sameness::default();
        let names = Sameness { any_parameter_name: true, ..exact };
        let cases = Sameness { any_case: true, ..exact };
        let methods = Sameness { any_method: true, ..exact };
        let pairs = [
            (("GET", "/a/{x}/b"), ("GET", "/a/{y}/b"), names),
            (("GET", "/Users"), ("GET", "/users"), cases),
            (("ANY", "/a"), ("GET", "/a"), methods),
            (("GET", "/a"), ("ANY", "/a"), methods),
        ];
        for (one, other, told) in pairs {
            for loose in [exact, names, cases, methods] {
                assert_eq!(same(one, other, loose), loose == told, "{one:?} {other:?} {loose:?}");
            }
        }
        assert!(!same(("GET", "/a/{x}"), ("GET", "/a/b"), names));
        assert!(!same(("PUT", "/a"), ("GET", "/a"), methods));
        let mut store = Store::new(&["s".into()], 0, NOW);
        create(&mut store, "/a/{x}", "", &policy(9)).unwrap();
        assert!(create(&mut store, "/a/{y}", "", &Policy { same: names, ..policy(9) }).is_err());
        create(&mut store, "/a/{y}", "", &policy(9)).unwrap();
    }

    #[test]
    fn names_are_unique_only_where_told() {
        let mut store = Store::new(&["s".into()], 0, NOW);
        let unique = Policy { unique_names: true, ..policy(9) };
        create(&mut store, "/a", "n", &policy(9)).unwrap();
        create(&mut store, "/b", "n", &policy(9)).unwrap();
        assert!(create(&mut store, "/c", "n", &unique).is_err());
        create(&mut store, "/c", "", &unique).unwrap();
        create(&mut store, "/d", "", &unique).unwrap();
    }

    #[test]
    fn an_authorising_api_stays_while_others_are_bound_to_it() {
        let mut store = Store::new(&["s".into()], 0, NOW);
        let first = create(&mut store, "/oauth", "", &policy(9)).unwrap();
        let mut bound = body("/a", "");
        bound.insert("AuthRelationApiId".into(), first.as_str().into());
        let text = serde_json::to_string(&bound).unwrap();
        let second = store.create_api(&bound, &text, &policy(9), NOW).unwrap().id;
        let told = store.delete_api("s", &first).unwrap_err().code;
        assert_eq!(told, "UnsupportedOperation.UnsupportedDeleteApi");
        store.delete_api("s", &second).unwrap();
        store.delete_api("s", &first).unwrap();
        assert_eq!(store.delete_api("s", &first).unwrap_err().code, "ResourceNotFound.InvalidApi");
    }

    #[test]
    fn an_unknown_service_cannot_be_seen() {
        let mut store = Store::new(&[], 0, NOW);
        let told = create(&mut store, "/a", "", &policy(9)).unwrap_err();
        assert_eq!(told, "ResourceNotFound.InvalidService");
    }
}
