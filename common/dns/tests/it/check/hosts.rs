//! The companies that host zones, and their words in what is advised.

use tenantry_dns::{RecordType, host_of};

use crate::check::world::{PATH, SPF, World, no_data};

#[test]
fn every_host_is_known_by_its_servers() {
    for (server, name) in [
        ("amy.ns.cloudflare.com", "Cloudflare"),
        ("ns-1.awsdns-12.co.uk", "Amazon Route 53"),
        ("ns01.domaincontrol.com", "GoDaddy"),
        ("dns1.registrar-servers.com", "Namecheap"),
        ("dns1.p01.nsone.net", "NS1"),
        ("connect1.squarespacedns.com", "Squarespace"),
        ("ns-cloud-a1.googledomains.com", "Squarespace"),
        ("ns1045.ui-dns.biz", "IONOS"),
        ("dns12.ovh.net", "OVHcloud"),
        ("ns-12-a.gandi.net", "Gandi"),
        ("ns1.digitalocean.com", "DigitalOcean"),
        ("ns1-05.azure-dns.com", "Azure DNS"),
        ("ns2.wixdns.net", "Wix"),
        ("ns1.dns-parking.com", "Hostinger"),
        ("ns1.linode.com", "Linode"),
        ("hydrogen.ns.hetzner.com", "Hetzner"),
        ("helium.ns.hetzner.de.", "Hetzner"),
        ("maceio.ns.porkbun.com", "Porkbun"),
        ("NS1.VERCEL-DNS.COM", "Vercel"),
    ] {
        let hint = host_of(&[server.to_owned()]).unwrap_or_else(|| panic!("{server} is nobody's"));
        assert_eq!(hint.name, name, "{server}");
        assert!(!hint.name_field.is_empty() && !hint.value_field.is_empty());
    }
}

#[test]
fn a_name_that_only_looks_like_a_host_s_is_nobody_s() {
    for server in
        ["ns1.example.net", "ns1.cloudflare.com.example.net", "ns1.notgandi.net", "azure-dns.com.example.org", ""]
    {
        assert_eq!(host_of(&[server.to_owned()]), None, "{server}");
    }
    assert_eq!(host_of(&[]), None);
}

#[test]
fn most_servers_decide() {
    let servers = ["ns1.gandi.net", "a.ns.cloudflare.com", "b.ns.cloudflare.com"].map(str::to_owned);
    assert_eq!(host_of(&servers).unwrap().name, "Cloudflare");
}

/// What is advised for a missing record, at a zone of these servers.
fn advice(server: &str, kind: RecordType) -> String {
    let mut world = World::new();
    world.hosted_by(&[server, server]);
    world.say(PATH, kind, no_data());
    world.check().findings.remove(0).advice
}

#[test]
fn advice_speaks_the_host_s_words() {
    assert_eq!(
        advice("amy.ns.cloudflare.com", RecordType::Mx),
        "In Cloudflare's field Name enter `send.mail`, choose the type MX, in Mail server enter \
         `feedback-smtp.eu-west-1.amazonses.com`, in Priority `10`."
    );
    assert_eq!(
        advice("ns-1.awsdns-12.co.uk", RecordType::Mx),
        "In Amazon Route 53's field Record name enter `send.mail`, choose the type MX, in Value enter \
         `10 feedback-smtp.eu-west-1.amazonses.com`."
    );
    assert!(advice("ns-1.awsdns-12.co.uk", RecordType::Txt).ends_with(&format!("in Value enter `\"{SPF}\"`.")));
    assert!(advice("hydrogen.ns.hetzner.com", RecordType::Mx).contains("`feedback-smtp.eu-west-1.amazonses.com.`"));
    assert!(
        advice("ns1.example.net", RecordType::Txt)
            .contains("`send.mail.acme.com` (`send.mail` in a panel that adds acme.com")
    );
}

#[test]
fn quotes_are_asked_for_only_where_the_host_wants_them() {
    let mut world = World::new();
    world.txt(PATH, &[&format!("\"{SPF}\"")]);
    for (server, words) in
        [("ns-1.awsdns-12.co.uk", "in one pair of quotes"), ("amy.ns.cloudflare.com", "without quotes")]
    {
        world.hosted_by(&[server, server]);
        let advice = world.check().findings.remove(0).advice;
        assert!(advice.contains(words), "{advice}");
    }
}

#[test]
fn a_record_at_the_zone_itself_is_typed_as_the_host_wants_it() {
    let mut world = World::new();
    world.wanted[2].name = "acme.com".to_owned();
    for name in ["acme.com", PATH] {
        world.say(name, RecordType::Txt, no_data());
    }
    for (server, start) in [
        ("amy.ns.cloudflare.com", "In Cloudflare's field Name enter `@`"),
        ("ns-1.awsdns-12.co.uk", "Leave Amazon Route 53's field Record name empty"),
    ] {
        world.hosted_by(&[server, server]);
        let advice = world.check().findings.remove(0).advice;
        assert!(advice.starts_with(start), "{advice}");
    }
}
