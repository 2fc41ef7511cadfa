//! Which service takes which document of a catalog.

use std::sync::Arc;

use crate::plan::draft::{Draft, draft};
use crate::plan::services::Services;
use crate::settings::{CreateServices, PlanSettings, parse};
use crate::spec::{DocumentSet, SourceText};

/// A document of so many operations: all of them need the API `needs` to authorise them, but
/// the first is called `owns` and authorises others.
struct Sample {
    count: usize,
    owns: &'static [&'static str],
    needs: &'static [&'static str],
}

const fn plain(count: usize) -> Sample {
    Sample { count, owns: &[], needs: &[] }
}

fn settings(text: &str) -> PlanSettings {
    let schemes = ["login", "other"].map(|name| {
        format!("  {name}: {{ AuthType: OAUTH, authorised-by: {name}, OauthConfig: {{ PublicKey: k, TokenLocation: header }} }}\n")
    });
    parse(&format!("security:\n{}{text}", schemes.concat()), "apiferry.yaml").unwrap().plan
}

fn drafted(name: &str, sample: &Sample, settings: &PlanSettings) -> Draft {
    let scheme = "{ type: http, scheme: bearer }";
    let mut text = format!(
        "openapi: 3.0.3\ninfo: {{ title: {name} }}\nservers: [{{ url: 'https://a.test' }}]\n\
         components: {{ securitySchemes: {{ login: {scheme}, other: {scheme} }} }}\npaths:\n"
    );
    for n in 0..sample.count {
        let extra = match (sample.owns.get(n), sample.needs.get(n)) {
            (Some(id), _) => format!("operationId: {id}, x-apigw-api-business-type: OAUTH, "),
            (None, Some(id)) => format!("security: [{{ {id}: [] }}], "),
            (None, None) => String::new(),
        };
        let operation = format!("  /{name}/{n}: {{ get: {{ {extra}responses: {{}} }} }}\n");
        text.push_str(&operation);
    }
    let set = DocumentSet::new(SourceText { name: Arc::from(name), text }).unwrap();
    draft(&set.document().unwrap(), settings)
}

/// Where each of these goes.
fn assigned_services(settings: &PlanSettings, samples: &[(&str, Sample)]) -> Vec<String> {
    let drafts = samples.iter().map(|(name, sample)| drafted(name, sample, settings));
    let mut drafts: Vec<Draft> = drafts.collect();
    Services::new(settings).assign(&mut drafts.iter_mut().collect::<Vec<_>>());
    drafts.into_iter().map(|draft| draft.assigned.unwrap_or_default()).collect()
}

fn spread(text: &str) -> PlanSettings {
    PlanSettings { spread: ["s1", "s2"].map(str::to_owned).to_vec(), quota: 4, ..settings(text) }
}

#[test]
fn a_document_goes_to_the_first_service_that_has_room_for_it() {
    let samples = [("a", plain(3)), ("b", plain(2)), ("c", plain(1))];
    assert_eq!(assigned_services(&spread(""), &samples), ["s1", "s2", "s1"]);
}

#[test]
fn documents_that_come_one_by_one_go_where_they_would_together() {
    let settings = spread("");
    let mut services = Services::new(&settings);
    let assigned = |(name, count)| {
        let mut draft = drafted(name, &plain(count), &settings);
        services.assign(&mut [&mut draft]);
        draft.assigned.unwrap()
    };
    let assigned: Vec<_> = [("a", 3), ("b", 2), ("c", 1)].into_iter().map(assigned).collect();
    assert_eq!(assigned, ["s1", "s2", "s1"]);
}

#[test]
fn documents_go_where_the_api_is_that_authorises_them() {
    let samples = [
        ("a", plain(2)),
        ("b", Sample { owns: &["login"], ..plain(2) }),
        ("c", Sample { owns: &["other"], ..plain(1) }),
        ("d", Sample { needs: &["login"], ..plain(1) }),
        ("e", plain(2)),
    ];
    assert_eq!(assigned_services(&spread(""), &samples), ["s1", "s2", "s1", "s2", "s1"]);
    let samples = [
        ("b", Sample { owns: &["login"], ..plain(1) }),
        ("c", Sample { owns: &["other"], ..plain(1) }),
        ("d", Sample { needs: &["login", "other"], ..plain(2) }),
        ("e", plain(1)),
    ];
    assert_eq!(assigned_services(&spread(""), &samples), ["s1", "s1", "s1", "s2"]);
}

#[test]
fn a_document_that_has_its_own_authoriser_needs_no_other() {
    let own = || Sample { owns: &["login"], needs: &["", "login"], ..plain(3) };
    assert_eq!(assigned_services(&spread(""), &[("a", own()), ("b", own())]), ["s1", "s2"]);
}

#[test]
fn the_room_of_what_will_come_is_kept() {
    let samples = [
        ("a", Sample { needs: &["login"], ..plain(2) }),
        ("b", plain(1)),
        ("c", Sample { owns: &["login"], ..plain(2) }),
    ];
    assert_eq!(assigned_services(&spread(""), &samples), ["s1", "s2", "s1"]);
    let mapped = spread("services: [{ sources: z, service: s1 }]");
    assert_eq!(assigned_services(&mapped, &[("a", plain(2)), ("z", plain(3))]), ["s2", ""]);
}

#[test]
fn a_document_stays_where_an_earlier_run_put_it() {
    let settings = PlanSettings { assigned: [("b".into(), "s2".into())].into(), ..spread("") };
    let samples = [("a", plain(1)), ("b", plain(1))];
    assert_eq!(assigned_services(&settings, &samples), ["s1", "s2"]);
    let settings = PlanSettings {
        create_services: Some(CreateServices::PerDocument),
        spread: Vec::new(),
        ..settings
    };
    assert_eq!(assigned_services(&settings, &samples), ["a", "s2"]);
}

#[test]
fn no_service_is_created_for_what_no_api_can_authorise() {
    let settings =
        PlanSettings { create_services: Some(CreateServices::PerDocument), ..settings("") };
    let samples = [("a", Sample { needs: &["login"], ..plain(1) }), ("b", plain(1))];
    assert_eq!(assigned_services(&settings, &samples), ["", "b"]);
}

#[test]
fn a_digest_does_not_change_with_the_service() {
    let digest = |service: &str| {
        let settings =
            PlanSettings { service: Some(service.to_owned()), ..PlanSettings::default() };
        let draft = drafted("a", &plain(1), &settings);
        assert_eq!(draft.findings, []);
        draft.entries[0].item().unwrap().digest.clone()
    };
    assert_eq!(digest("service-a"), digest("service-b"));
}
