//! A server that says whatever a test wants, for what no good server says.

use std::net::Ipv4Addr;

use hickory_net::proto::{
    op::{Message, MessageType, OpCode, ResponseCode},
    rr::{self, RData, Record, rdata::TXT},
};
use tenantry_dns::{Delegation, Places, RecordType, Resolver, Said, Trouble};
use tokio::{net::UdpSocket, task::JoinHandle};

use crate::gather::net::{ACME, Net, PUBLIC, REGISTRY, at, delegate, free, said, text, token};

/// It listens on UDP only, and stops when dropped.
pub(crate) struct Fake(JoinHandle<()>);

impl Drop for Fake {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Fake {
    /// Listens; each question's answer is what `answer` makes of it and of how many came before.
    pub(crate) async fn start(host: u8, port: u16, answer: impl Fn(&Message, u32) -> Vec<u8> + Send + 'static) -> Self {
        let socket = free(async || UdpSocket::bind((Ipv4Addr::new(127, 0, 0, host), port)).await).await;
        Self(tokio::spawn(async move {
            let (mut buffer, mut count) = ([0; 4096], 0);
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                let answer = answer(&question, count);
                count += 1;
                let _ = socket.send_to(&answer, from).await;
            }
        }))
    }
}

/// Answers to a question.
pub(crate) struct Reply;

impl Reply {
    pub(crate) fn of(question: &Message, code: ResponseCode) -> Message {
        let mut answer = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
        answer.metadata.response_code = code;
        answer.queries = question.queries.clone();
        answer
    }

    pub(crate) fn text(question: &Message, value: &str) -> Vec<u8> {
        let mut answer = Self::of(question, ResponseCode::NoError);
        answer.metadata.authoritative = true;
        let data = RData::TXT(TXT::new(vec![value.to_owned()]));
        answer.answers.push(Record::from_rdata(question.queries[0].name.clone(), 300, data));
        answer.to_vec().unwrap()
    }

    pub(crate) fn fails(question: &Message) -> Vec<u8> {
        Self::of(question, ResponseCode::ServFail).to_vec().unwrap()
    }
}

/// Whether it is the question that the fake treats in its own way; everything else it answers with some text.
fn ours(question: &Message) -> bool {
    question.queries[0].name.to_string().starts_with("_tenantry.")
}

/// What is seen of the ownership record where the zone's server answers in this way.
async fn seen(answer: impl Fn(&Message, u32) -> Vec<u8> + Send + 'static) -> Said {
    let net = Net::start().await;
    let port = net.port;
    let Net { acme, root: _root, registry: _registry, .. } = net;
    acme.stop().await;
    let _fake = Fake::start(ACME, port, move |question, count| match ours(question) {
        true => answer(question, count),
        false => start_of_authority(question),
    })
    .await;
    let resolver = Resolver::new(crate::gather::net::places(port));
    let seen = resolver.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(seen.delegation, Delegation::Found);
    said(&seen, "_tenantry.acme.test", RecordType::Txt)[0].clone()
}

/// The SOA of `acme.test`, as an answer or beside a "no".
fn start_of_authority(question: &Message) -> Vec<u8> {
    use rr::rdata::SOA;
    let zone = rr::Name::from_ascii("acme.test.").unwrap();
    let soa = SOA::new(zone.clone(), zone.clone(), 1, 3600, 600, 604_800, 60);
    let soa = Record::from_rdata(zone.clone(), 60, RData::SOA(soa));
    let mut answer = Reply::of(question, ResponseCode::NoError);
    answer.metadata.authoritative = true;
    let asked = &question.queries[0];
    let own = asked.name == zone && asked.query_type == rr::RecordType::SOA;
    if own {
        answer.answers.push(soa)
    } else {
        answer.authorities.push(soa)
    }
    answer.to_vec().unwrap()
}

#[tokio::test]
async fn the_fake_is_believed_where_it_behaves() {
    assert_eq!(seen(|question, _| Reply::text(question, "a")).await, text("a", 300));
}

#[tokio::test]
async fn an_answer_to_another_question_or_with_another_id_is_not_heard() {
    let other_id = |question: &Message, _| {
        let mut forged = question.clone();
        forged.metadata.id = question.metadata.id.wrapping_add(1);
        Reply::text(&forged, "forged")
    };
    assert_eq!(seen(other_id).await, Said::Failed(Trouble::TimeOut));
    let other_name = |question: &Message, _| {
        let mut forged = question.clone();
        forged.queries[0].name = "_other.acme.test.".parse().unwrap();
        Reply::text(&forged, "forged")
    };
    assert_eq!(seen(other_name).await, Said::Failed(Trouble::TimeOut));
}

#[tokio::test]
async fn records_of_another_name_are_no_answer() {
    let stuffed = |question: &Message, _| {
        let mut answer = Reply::of(question, ResponseCode::NoError);
        answer.metadata.authoritative = true;
        let name = "_tenantry.other.test.".parse().unwrap();
        answer.answers.push(Record::from_rdata(name, 300, RData::TXT(TXT::new(vec!["stuffed".to_owned()]))));
        answer.to_vec().unwrap()
    };
    assert_eq!(seen(stuffed).await, Said::NoData { negative_ttl: None });
}

#[tokio::test]
async fn a_no_of_a_server_that_does_not_hold_the_zone_does_not_count() {
    for code in [ResponseCode::NXDomain, ResponseCode::NoError] {
        let no = move |question: &Message, _| Reply::of(question, code).to_vec().unwrap();
        assert_eq!(seen(no).await, Said::Failed(Trouble::Refused), "{code}");
    }
}

#[tokio::test]
async fn the_time_of_a_no_is_taken_from_the_zone_of_the_name_only() {
    let foreign = |question: &Message, _| {
        let mut answer = Message::from_vec(&start_of_authority(question)).unwrap();
        answer.authorities[0].name = "other.test.".parse().unwrap();
        answer.to_vec().unwrap()
    };
    assert_eq!(seen(|question, _| start_of_authority(question)).await, Said::NoData { negative_ttl: Some(60) });
    assert_eq!(seen(foreign).await, Said::NoData { negative_ttl: None });
}

#[tokio::test]
async fn a_server_that_does_not_know_edns_is_asked_without_it() {
    let old = |question: &Message, _| match question.edns {
        Some(_) => Reply::of(question, ResponseCode::FormErr).to_vec().unwrap(),
        None => Reply::text(question, "a"),
    };
    assert_eq!(seen(old).await, text("a", 300));
}

#[tokio::test]
async fn what_is_no_message_is_malformed() {
    let broken = |question: &Message, _| {
        let mut bytes = Reply::text(question, "a");
        bytes.truncate(bytes.len() - 1);
        bytes
    };
    assert_eq!(seen(broken).await, Said::Failed(Trouble::Malformed));
    let strange = |question: &Message, _| Reply::of(question, ResponseCode::YXDomain).to_vec().unwrap();
    assert_eq!(seen(strange).await, Said::Failed(Trouble::Malformed));
}

#[tokio::test]
async fn servers_of_the_zone_are_not_asked_to_look_elsewhere() {
    let echo = |question: &Message, _| {
        let size = question.edns.as_ref().map(|edns| edns.max_payload());
        Reply::text(question, &format!("{} {size:?}", question.metadata.recursion_desired))
    };
    assert_eq!(seen(echo).await, text("false Some(1232)", 300));
}

#[tokio::test]
async fn a_no_without_a_start_of_authority_does_not_hide_that_a_domain_is_not_registered() {
    // As some resolvers in routers and computers do.
    let bare = |question: &Message, _| {
        let name = question.queries[0].name.to_string();
        match name.as_str() {
            "acme.test." => start_of_authority(question),
            "com." => Reply::text(question, "not of the type that was asked"),
            _ => Reply::of(question, ResponseCode::NXDomain).to_vec().unwrap(),
        }
    };
    let net = Net::start().await;
    let _fake = Fake::start(PUBLIC, net.port, bare).await;
    let places = Places { server: Some(at(PUBLIC, net.port)), ..net.places() };
    let resolver = Resolver::new(places);
    let seen = resolver.gather("mail.nobody.com", &[]).await;
    assert_eq!(seen.delegation, Delegation::NotRegistered { name: "nobody.com".into() });
    let seen = resolver.gather("mail.acme.test", &[]).await;
    assert_eq!((seen.delegation, seen.zone.as_deref()), (Delegation::Found, Some("acme.test")));
}

#[tokio::test]
async fn an_address_is_asked_the_same_once_however_many_names_lead_to_it() {
    let net = Net::start().await;
    let names: Vec<String> = (1..=9).map(|number| format!("ns{number}.acme.test")).collect();
    let servers: Vec<(&str, u8)> = names.iter().map(|name| (name.as_str(), ACME)).collect();
    delegate(&net.registry, "acme.test", &servers);
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt).len(), 9);
    assert_eq!(net.acme.asked("_tenantry.acme.test", "TXT"), 1);
}

#[tokio::test]
async fn addresses_are_not_believed_of_names_that_are_not_the_speaker_s() {
    let net = Net::start().await;
    let port = net.port;
    let Net { registry, root, acme, .. } = net;
    registry.stop().await;
    // The root holds this name, and the registry claims to know better.
    root.set("ns.elsewhere", "A", 300, ["127.0.0.3"]).unwrap();
    acme.set("acme.test", "NS", 300, ["ns.elsewhere"]).unwrap();
    let _fake = Fake::start(REGISTRY, port, |question, _| {
        let mut answer = Reply::of(question, ResponseCode::NoError);
        let server: rr::Name = "ns.elsewhere.".parse().unwrap();
        let delegation = RData::NS(rr::rdata::NS(server.clone()));
        answer.authorities.push(Record::from_rdata("acme.test.".parse().unwrap(), 300, delegation));
        answer.additionals.push(Record::from_rdata(server, 300, RData::A(Ipv4Addr::new(127, 0, 0, 77).into())));
        answer.to_vec().unwrap()
    })
    .await;
    let seen = Resolver::new(crate::gather::net::places(port)).gather("acme.test", &[]).await;
    assert_eq!(seen.delegation, Delegation::Found);
    assert_eq!(seen.servers[0].addresses, [at(ACME, port)]);
}
