//! What the gateway of a simulated run holds, and what it makes of each request.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::target::tencent::codes::meaning;
use crate::target::{ApiError, Created, Listed, Page, Reply};

/// What becomes of one create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Carried out and answered.
    Answered,
    /// No connection came about.
    Unsent,
    /// Lost on the way there.
    LostBefore,
    /// Carried out; the answer is lost on the way back.
    LostAfter,
    /// The answer is lost, and it is carried out later.
    Late(Duration),
    /// Refused with this code, without effect.
    Refused(&'static str),
    /// Answered with this code, and carried out all the same.
    RefusedAfter(&'static str),
    /// Someone else makes it first, and ours is refused with this code.
    TakenMeanwhile(&'static str),
    /// Carried out under another path.
    Misfiled { path: &'static str, answered: bool },
    /// Carried out and answered with this id, which is not its own.
    AnsweredAs(&'static str),
}

/// One API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Api {
    pub(crate) id: String,
    pub(crate) service: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// When it came about.
    pub(crate) created: Duration,
    /// Whether we made it.
    pub(crate) ours: bool,
    pub(crate) deleted: Option<Duration>,
}

/// The gateway's memory and its habits.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) apis: Vec<Api>,
    /// How long a listing lags behind.
    pub(crate) lag: Duration,
    /// The code for a second API of the same key, where it refuses one.
    pub(crate) refuses_twins: Option<&'static str>,
    /// Newest first, as some listings are.
    pub(crate) newest_first: bool,
    /// A service that is not there.
    pub(crate) missing: Option<String>,
    /// Listings for so many pages to come show nothing at all.
    pub(crate) blind_pages: u64,
    late: Vec<Api>,
    ids: u32,
}

impl Store {
    /// A gateway that holds an API that is not ours.
    pub(crate) fn preload(&mut self, service: &str, path: &str) -> String {
        let api = self.make(Duration::ZERO, service, path, false);
        self.apis.push(api.clone());
        api.id
    }

    /// The APIs that stand, late ones included.
    pub(crate) fn standing(&mut self, now: Duration) -> Vec<&Api> {
        self.catch_up(now);
        self.apis.iter().filter(|api| api.deleted.is_none()).collect()
    }

    /// How many APIs of ours each key has.
    pub(crate) fn ours(&mut self, now: Duration) -> BTreeMap<(String, String), Vec<String>> {
        let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for api in self.standing(now).into_iter().filter(|api| api.ours) {
            let key = (api.service.clone(), api.path.clone());
            keys.entry(key).or_default().push(api.id.clone());
        }
        keys
    }

    /// The ids of APIs that are not ours.
    pub(crate) fn foreign(&self) -> Vec<String> {
        self.apis.iter().filter(|api| !api.ours).map(|api| api.id.clone()).collect()
    }

    pub(crate) fn create(
        &mut self,
        now: Duration,
        body: &str,
        fate: Fate,
    ) -> Reply<Option<Created>> {
        self.catch_up(now);
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let service = body["ServiceId"].as_str().unwrap();
        let path = body["RequestConfig"]["Path"].as_str().unwrap();
        match fate {
            Fate::Unsent => Reply::NotSent("refused".to_owned()),
            Fate::LostBefore => lost(),
            Fate::Refused(code) => error(code),
            Fate::Late(by) => {
                self.create_late(now + by, service, path);
                lost()
            }
            Fate::TakenMeanwhile(code) => {
                self.preload(service, path);
                error(code)
            }
            Fate::Answered => self.create_now(now, service, path),
            Fate::LostAfter => {
                drop(self.create_now(now, service, path));
                lost()
            }
            Fate::RefusedAfter(code) => {
                drop(self.create_now(now, service, path));
                error(code)
            }
            Fate::Misfiled { path, answered } => {
                let reply = self.create_now(now, service, path);
                if answered { reply } else { lost() }
            }
            Fate::AnsweredAs(id) => {
                drop(self.create_now(now, service, path));
                created(id, path)
            }
        }
    }

    pub(crate) fn delete(&mut self, now: Duration, id: &str, fate: Fate) -> Reply<Option<Created>> {
        self.catch_up(now);
        if fate == Fate::Unsent {
            return Reply::NotSent("refused".to_owned());
        }
        let acts = matches!(fate, Fate::Answered | Fate::LostAfter | Fate::RefusedAfter(_));
        let api = self.apis.iter_mut().find(|api| api.id == id && api.deleted.is_none());
        let known = api.is_some();
        if let (Some(api), true) = (api, acts) {
            api.deleted = Some(now);
        }
        match fate {
            Fate::Answered if known => Reply::Ok(None),
            Fate::Answered => error("ResourceNotFound.InvalidApi"),
            Fate::Refused(code) | Fate::RefusedAfter(code) => error(code),
            _ => lost(),
        }
    }

    pub(crate) fn list(
        &mut self,
        now: Duration,
        service: &str,
        offset: u64,
        limit: u64,
    ) -> Reply<Page> {
        self.catch_up(now);
        if self.missing.as_deref() == Some(service) {
            return error("ResourceNotFound.InvalidService");
        }
        if self.blind_pages > 0 {
            self.blind_pages -= 1;
            return Reply::Ok(Page { total: Some(0), ..Page::default() });
        }
        let lag = self.lag;
        let shown = |api: &&Api| {
            api.service == service
                && api.created + lag <= now.max(lag)
                && api.deleted.is_none_or(|at| at + lag > now)
        };
        let mut apis: Vec<_> = self.apis.iter().filter(shown).map(listed).collect();
        if self.newest_first {
            apis.reverse();
        }
        let total = apis.len() as u64;
        let page = apis.into_iter().skip(usize::try_from(offset).unwrap());
        let apis = page.take(usize::try_from(limit).unwrap()).collect();
        Reply::Ok(Page { total: Some(total), apis, incomplete: 0 })
    }

    fn create_now(&mut self, now: Duration, service: &str, path: &str) -> Reply<Option<Created>> {
        let twin = |api: &Api| api.service == service && api.path == path && api.deleted.is_none();
        if let Some(code) = self.refuses_twins.filter(|_| self.apis.iter().any(twin)) {
            return error(code);
        }
        let api = self.make(now, service, path, true);
        let reply = created(&api.id, path);
        self.apis.push(api);
        reply
    }

    fn create_late(&mut self, at: Duration, service: &str, path: &str) {
        let api = self.make(at, service, path, true);
        self.late.push(api);
    }

    fn catch_up(&mut self, now: Duration) {
        let (due, late) =
            std::mem::take(&mut self.late).into_iter().partition(|api| api.created <= now);
        self.late = late;
        for api in Vec::<Api>::into_iter(due) {
            let twin = |other: &Api| other.service == api.service && other.path == api.path;
            if self.refuses_twins.is_none() || !self.apis.iter().any(twin) {
                self.apis.push(api);
            }
        }
    }

    fn make(&mut self, created: Duration, service: &str, path: &str, ours: bool) -> Api {
        self.ids += 1;
        Api {
            id: format!("api-{}", self.ids),
            service: service.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            created,
            ours,
            deleted: None,
        }
    }
}

fn listed(api: &Api) -> Listed {
    Listed {
        api_id: api.id.clone(),
        path: api.path.clone(),
        method: api.method.clone(),
        name: None,
        created_time: Some((Timestamp::UNIX_EPOCH + api.created).to_string()),
    }
}

fn lost<T>() -> Reply<T> {
    Reply::Lost("timeout".to_owned())
}

/// An answer that gives the method and path of an API back as they were sent.
fn created(id: &str, path: &str) -> Reply<Option<Created>> {
    Reply::Ok(Some(Created {
        api_id: id.to_owned(),
        path: Some(path.to_owned()),
        method: Some("GET".to_owned()),
        request_id: "r".to_owned(),
    }))
}

pub(crate) fn error<T>(code: &str) -> Reply<T> {
    Reply::Error(ApiError {
        code: code.to_owned(),
        meaning: meaning(code),
        message: format!("{code} it is"),
        request_id: "r".to_owned(),
    })
}
