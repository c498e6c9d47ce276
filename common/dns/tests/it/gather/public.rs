//! What the rest of the world still sees.

use tenantry_dns::{Delegation, Places, RecordType, Resolver, Said, Seen, Trouble};
use tenantry_standins::dns::{Fault, Rule};

use crate::gather::{
    fake::{Fake, Reply},
    net::{NO_NAME, Net, PUBLIC, answers, at, said, server, text, token},
};

async fn gather(net: &Net, public: &[u8]) -> Seen {
    let public = public.iter().map(|host| at(*host, net.port)).collect();
    Resolver::new(Places { public, ..net.places() }).gather("acme.test", &[token("acme.test")]).await
}

#[tokio::test]
async fn a_public_resolver_may_still_say_the_old_thing() {
    let net = Net::start().await;
    let public = server(net.port, PUBLIC, "acme.test").await;
    net.acme.set("_tenantry.acme.test", "TXT", 300, ["new"]).unwrap();
    public.set("_tenantry.acme.test", "TXT", 77, ["old"]).unwrap();
    let seen = gather(&net, &[PUBLIC]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("new", 300)]);
    let answer = answers(&seen, "_tenantry.acme.test", RecordType::Txt).public.as_ref().unwrap();
    assert_eq!((answer.server.as_str(), answer.address), ("127.0.0.9", at(PUBLIC, net.port)));
    assert_eq!(answer.said, text("old", 77));
    assert!(!seen.dnssec_bogus);
    // It holds no other zone: what lies above is asked by walking then.
    assert_eq!(said(&seen, "_dmarc.test", RecordType::Txt), [&NO_NAME]);
}

#[tokio::test]
async fn the_next_public_resolver_is_asked_where_one_is_dead() {
    let net = Net::start().await;
    let _public = server(net.port, PUBLIC, "acme.test").await;
    let seen = gather(&net, &[78, PUBLIC]).await;
    let answer = answers(&seen, "_tenantry.acme.test", RecordType::Txt).public.as_ref().unwrap();
    assert_eq!((answer.address, &answer.said), (at(PUBLIC, net.port), &NO_NAME));
}

#[tokio::test]
async fn a_resolver_that_answers_only_without_checks_says_that_signatures_do_not_hold() {
    let net = Net::start().await;
    let fake = Fake::start(PUBLIC, net.port, |question, _| match question.metadata.checking_disabled {
        true => Reply::text(question, "signed wrongly"),
        false => Reply::fails(question),
    })
    .await;
    let seen = gather(&net, &[PUBLIC]).await;
    assert!(seen.dnssec_bogus);
    let answer = answers(&seen, "_tenantry.acme.test", RecordType::Txt).public.as_ref().unwrap();
    assert_eq!(answer.said, Said::Failed(Trouble::ServFail));
    assert_eq!(seen.delegation, Delegation::Found);
    drop(fake);
    // One that fails either way says nothing about signatures.
    let public = server(net.port, PUBLIC, "acme.test").await;
    public.misbehave([Rule::below(".", Fault::ServFail)]);
    assert!(!gather(&net, &[PUBLIC]).await.dnssec_bogus);
}
