//! What is said of zones with one fault each, held by NSD: name servers that are not ours, in a tree from the root down.

mod portal;
mod rows;
mod walks;
mod world;

use tenantry_dns::{Answers, Places, Report, Resolver, Said, Severity, Verdict};
use tenantry_standins::dns::{Dns, Options};

use self::{
    rows::Row,
    world::{World, wanted},
};

/// Everything that is not as the row says; empty when all is.
fn differences(row: &Row, report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, is: String, should: String| {
        if is != should {
            wrong.push(format!("{what} is {is}, and should be {should}"));
        }
    };
    let heavy: Vec<_> = report.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    let mut codes: Vec<&str> = heavy.iter().map(|finding| finding.code.as_str()).collect();
    codes.dedup();
    expect("the list of codes", format!("{codes:?}"), format!("{:?}", row.codes));
    expect("the zone", format!("{:?}", report.zone), format!("{:?}", Some(format!("{}.test", row.label))));
    let stands_in_the_way = heavy.iter().any(|finding| finding.severity == Severity::Error);
    let verdict = if stands_in_the_way { Verdict::NotReady } else { Verdict::Ready };
    expect("the verdict", report.verdict.to_string(), verdict.to_string());
    let name = |relative: &str| match relative.split_once(' ') {
        Some((kind, "@")) => format!("{kind} mail.{}.test", row.label),
        Some((kind, name)) => format!("{kind} {name}.mail.{}.test", row.label),
        None => String::new(),
    };
    if let Some(code) = row.codes.first() {
        let about = name(row.record);
        let finding = heavy.iter().find(|finding| finding.code == *code && finding.record.as_deref() == Some(&about));
        let said = finding.map(|finding| finding.advice.replace(&format!("{}.test", row.label), "%Z"));
        let piece = row.advice.replace(&format!("{}.test", row.label), "%Z");
        expect("advice", said.clone().filter(|said| !said.contains(&piece)).unwrap_or_default(), String::new());
        expect("a finding about the record", said.is_some().to_string(), "true".to_owned());
    }
    for record in &report.records {
        let about = format!("{} {}", format!("{:?}", record.wanted.kind).to_uppercase(), record.wanted.name);
        let same_name =
            row.codes.iter().any(|code| code.starts_with("cname_")) && record.wanted.name.starts_with("send.");
        let status =
            if about == name(row.record) || same_name { row.status } else { tenantry_dns::RecordStatus::Detected };
        expect(&about, format!("{:?}", record.status), format!("{status:?}"));
    }
    wrong.iter().map(|what| format!("{}: {what}", row.label)).collect()
}

async fn hold(rows: Vec<Row>) {
    let Some(world) = World::start(&rows).await else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        let domain = format!("mail.{}.test", row.label);
        for (way, resolver) in [("walk", world.walking()), ("server", world.asking())] {
            let wanted = wanted(&domain);
            let seen = resolver.gather(&domain, &wanted).await;
            let report = tenantry_dns::check(&domain, &wanted, &seen);
            let differences = differences(row, &report);
            if !differences.is_empty() {
                wrong.push(format!("{way}: {}\n{:#?}", differences.join("\n"), report.findings));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn nothing_is_said_of_zones_in_which_everything_is_right() {
    hold(rows::perfect()).await;
}

#[tokio::test]
async fn every_fault_is_found_and_told_with_what_to_do_and_nothing_else() {
    let rows = rows::faults();
    assert!(rows.len() >= 30, "{}", rows.len());
    hold(rows).await;
}

/// What the local stack and the tests ask must answer as a real server does, down to what is not there.
#[tokio::test]
async fn our_own_stand_in_is_looked_at_with_the_same_result() {
    // A space within a name is more than its reader of zone files takes.
    let readable = |row: &Row| row.label != "priority-in-host";
    let rows: Vec<Row> = rows::perfect().into_iter().chain(rows::faults()).filter(readable).collect();
    let Some(world) = World::start(&rows).await else { return };
    let ours = Dns::start(Options::default()).await.unwrap();
    for (name, text) in world::zones(&rows) {
        ours.load(&name, &text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    }
    let asking = Resolver::new(Places { server: Some(ours.addr()), ..world.places() });
    let mut wrong = Vec::new();
    for row in &rows {
        let domain = format!("mail.{}.test", row.label);
        let wanted = wanted(&domain);
        let [theirs, ours] = [world.asking().gather(&domain, &wanted).await, asking.gather(&domain, &wanted).await];
        for (key, answers) in &theirs.answers {
            let said = |answers: &Answers| {
                let mut said = answers.authoritative[0].said.clone();
                if let Said::Records { values, .. } = &mut said {
                    values.sort_by_key(|value| format!("{value:?}"));
                }
                (said, answers.authoritative[0].aliases.clone())
            };
            let (theirs, ours) = (said(answers), ours.answers.get(key).map(said));
            if ours.as_ref() != Some(&theirs) {
                wrong.push(format!("{key:?}: {ours:?} and not {theirs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_name_server_ends_with_its_handle_and_leaves_nothing_behind() {
    use std::net::{TcpListener, UdpSocket};
    let Some(nsd) = super::nsd() else { return };
    let zones =
        [("acme.test".to_owned(), Some(world::head("acme.test", &[("ns1.acme.test".to_owned(), world::FIRST)])))];
    let mut servers = tenantry_tests::nameserver::NameServer::start(&nsd, &[(world::FIRST, &zones)]).await;
    let address = servers[0].address();
    assert!(UdpSocket::bind(address).is_err() && TcpListener::bind(address).is_err(), "it listens by UDP and TCP");
    let folder = servers[0].folder().to_owned();
    assert!(folder.join("nsd.conf").is_file());
    servers.clear();
    assert!(UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok() && !folder.exists());
}
