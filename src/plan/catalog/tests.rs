//! Plans of several sources, opened from memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::plan::catalog::*;
use crate::settings::CreateServices;
use crate::source::Origin;
use crate::spec::SourceText;

/// Sources of these names.
fn found(names: &[&str]) -> FoundSources {
    let source = |name: &&str| FoundSource {
        name: Arc::from(*name),
        origin: Origin::Input,
        named: true,
        base: std::path::Path::new("/").into(),
        root: "/".into(),
    };
    FoundSources { sources: names.iter().map(source).collect(), ..FoundSources::default() }
}

/// A document titled by its name, with the operation `GET /same`.
fn open(source: &FoundSource) -> SourceContent {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{ title: {} }}\nservers: [{{ url: 'https://a.test' }}]\n\
         paths: {{ /same: {{ get: {{ responses: {{}} }} }} }}\n",
        source.name
    );
    match DocumentSet::new(SourceText { name: Arc::clone(&source.name), text }) {
        Ok(set) => SourceContent::Document(Box::new(set)),
        Err(finding) => SourceContent::Unreadable(vec![finding]),
    }
}

const THREADS: NonZero<usize> = NonZero::new(2).unwrap();

fn creating() -> PlanSettings {
    let create_services = Some(CreateServices::PerDocument);
    PlanSettings { create_services, ..PlanSettings::default() }
}

/// The services of the items.
fn services(plan: &Plan) -> Vec<&str> {
    let entries = plan.documents.iter().flat_map(|document| &document.entries);
    let items = entries.filter_map(|entry| match entry {
        Entry::Item(item) => Some(item.key.service.as_str()),
        _ => None,
    });
    items.collect()
}

#[test]
fn each_source_is_opened_once_whatever_takes_its_items() {
    let login = "security: { login: { AuthType: OAUTH, authorised-by: login } }";
    let looking_ahead = [
        creating(),
        PlanSettings {
            spread: vec!["s1".into()],
            assigned: [("a".into(), "s1".into())].into(),
            ..PlanSettings::default()
        },
        crate::settings::parse(login, "apiferry.yaml").unwrap().plan,
    ];
    let found = found(&["a", "b", "c"]);
    for settings in looking_ahead.into_iter().chain([PlanSettings::default()]) {
        let opened = AtomicUsize::new(0);
        let open = |source: &FoundSource| {
            opened.fetch_add(1, Ordering::SeqCst);
            open(source)
        };
        let mut plan =
            Catalog { found: &found, open, settings: &settings, threads: THREADS }.plan();
        let ids = [("a".to_owned(), "service-1".to_owned())].into();
        plan = plan.with_services(&ids, &settings);
        assert_eq!(plan.summary.documents, 3);
        assert_eq!(opened.into_inner(), 3, "{settings:?}");
    }
}

#[test]
fn the_ids_of_new_services_take_the_place_of_their_names() {
    let settings = creating();
    let found = found(&["a", "b", "c"]);
    let plan = Catalog { found: &found, open, settings: &settings, threads: THREADS }.plan();
    assert_eq!(services(&plan), ["a", "b", "c"]);
    let of: Vec<_> = plan.summary.new_services.iter().map(|it| (&*it.name, &*it.of)).collect();
    assert_eq!(of, [("a", "a"), ("b", "b"), ("c", "c")]);
    let ids = ["a", "b", "c"].map(|name| (name.to_owned(), format!("service-{name}"))).into();
    let plan = plan.with_services(&ids, &settings);
    assert_eq!(services(&plan), ["service-a", "service-b", "service-c"]);
    assert!(plan.summary.new_services.is_empty());
    assert_eq!(plan.assigned_services()["b"], "service-b");
}

#[test]
fn two_new_services_that_are_the_same_one_take_a_route_once() {
    let settings = creating();
    let found = found(&["a", "b"]);
    let plan = Catalog { found: &found, open, settings: &settings, threads: THREADS }.plan();
    let ids = ["a", "b"].map(|name| (name.to_owned(), "service-1".to_owned())).into();
    let plan = plan.with_services(&ids, &settings);
    assert_eq!(services(&plan), ["service-1"]);
    assert_eq!((plan.summary.items, plan.summary.unfit), (1, 1));
}

#[test]
fn a_visitor_sees_every_source_in_order_and_may_stop() {
    let (settings, found) = (creating(), found(&["a", "b", "c"]));
    let catalog = Catalog { found: &found, open, settings: &settings, threads: THREADS };
    let mut seen = Vec::new();
    catalog.visit(
        |set, draft| (set.root().name().to_string(), draft.places().len()),
        |source| {
            let PlannedSource::Document(document, kept) = source else { panic!("unreadable") };
            assert_eq!(kept, (document.source.to_string(), 1));
            seen.push(kept.0);
            if seen.len() == 2 { Go::Stop } else { Go::On }
        },
    );
    assert_eq!(seen, ["a", "b"]);
}
