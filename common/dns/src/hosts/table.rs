//! The hosts, as data: their servers, and what their panels call things (read in November 2026).

use super::{Host, Top};

/// What most panels do: `@` for the zone, one field for every value, a preference of its own, no quotes, no final dot.
const USUAL: Host = Host {
    name: "",
    servers: &[],
    name_field: "Name",
    apex: "@",
    text_field: "Value",
    mail_field: "Value",
    alias_field: "Value",
    priority_field: Some("Priority"),
    quotes: false,
    dot: false,
    top: Top::Unknown,
    note: None,
};

/// Every host that is recognised.
pub(super) const HOSTS: &[Host] = &[
    Host {
        name: "Cloudflare",
        servers: &["cloudflare.com"],
        text_field: "Content",
        mail_field: "Mail server",
        alias_field: "Target",
        top: Top::By("a CNAME, which it flattens by itself"),
        note: Some("Set Proxy status to \"DNS only\" for every record of mail."),
        ..USUAL
    },
    Host {
        name: "Amazon Route 53",
        servers: &["awsdns-*"],
        name_field: "Record name",
        apex: "",
        priority_field: None,
        quotes: true,
        note: Some(
            "A name has one record set of each type: a second text goes into the same set, on a line of its own.",
        ),
        top: Top::Nothing,
        ..USUAL
    },
    Host {
        name: "GoDaddy",
        servers: &["domaincontrol.com"],
        note: Some("The zone is added to what stands in Name: never type it there."),
        ..USUAL
    },
    Host {
        name: "Namecheap",
        servers: &["registrar-servers.com"],
        name_field: "Host",
        note: Some("MX records are under Mail Settings; choose Custom MX there first."),
        top: Top::By("a record of type ALIAS"),
        ..USUAL
    },
    Host {
        name: "Squarespace",
        servers: &["squarespacedns.com", "googledomains.com"],
        name_field: "Host",
        text_field: "Data",
        mail_field: "Data",
        alias_field: "Data",
        note: Some("Records of your own are under Custom records. Google Cloud DNS uses servers of the same names."),
        ..USUAL
    },
    Host {
        name: "IONOS",
        servers: &["ui-dns.*"],
        name_field: "Host name",
        mail_field: "Points to",
        alias_field: "Points to",
        note: Some("The zone is added to what stands in Host name: never type it there."),
        ..USUAL
    },
    Host {
        name: "OVHcloud",
        servers: &["ovh.net", "ovh.ca", "anycast.me"],
        name_field: "Sub-domain",
        apex: "",
        mail_field: "Target",
        alias_field: "Target",
        dot: true,
        note: Some("A target without a final dot gets the zone appended."),
        top: Top::Nothing,
        ..USUAL
    },
    Host {
        name: "Gandi",
        servers: &["gandi.net"],
        text_field: "Text value",
        mail_field: "Hostname",
        alias_field: "Hostname",
        dot: true,
        note: Some("A host without a final dot gets the zone appended."),
        top: Top::By("a record of type ALIAS"),
        ..USUAL
    },
    Host {
        name: "DigitalOcean",
        servers: &["digitalocean.com"],
        name_field: "Hostname",
        mail_field: "Mail server",
        alias_field: "Is an alias of",
        dot: true,
        ..USUAL
    },
    Host {
        name: "Azure DNS",
        servers: &["azure-dns.*"],
        mail_field: "Mail exchange",
        alias_field: "Alias",
        priority_field: Some("Preference"),
        note: Some("A name has one record set of each type: a second text goes into the same set."),
        top: Top::Nothing,
        ..USUAL
    },
    Host {
        name: "NS1",
        servers: &["nsone.net"],
        name_field: "Record name",
        apex: "",
        text_field: "Answer",
        mail_field: "Answer",
        alias_field: "Answer",
        top: Top::By("a record of type ALIAS"),
        ..USUAL
    },
    Host {
        name: "Wix",
        servers: &["wixdns.net"],
        name_field: "Host Name",
        apex: "",
        mail_field: "Points to",
        note: Some("The zone is shown behind Host Name and added by itself."),
        ..USUAL
    },
    Host {
        name: "Hostinger",
        servers: &["dns-parking.com"],
        text_field: "TXT value",
        mail_field: "Mail server",
        alias_field: "Target",
        ..USUAL
    },
    Host {
        name: "Linode",
        servers: &["linode.com"],
        name_field: "Hostname",
        apex: "",
        mail_field: "Mail Server",
        alias_field: "Alias to",
        priority_field: Some("Preference"),
        note: Some("For an MX record the field of the name is called Subdomain."),
        ..USUAL
    },
    Host {
        name: "Hetzner",
        servers: &["hetzner.*"],
        dot: true,
        note: Some("A name or a host without a final dot gets the zone appended."),
        top: Top::Nothing,
        ..USUAL
    },
    Host {
        name: "Porkbun",
        servers: &["porkbun.com"],
        name_field: "Host",
        apex: "",
        text_field: "Answer",
        mail_field: "Answer",
        alias_field: "Answer",
        note: Some("The zone is added to what stands in Host: never type it there."),
        top: Top::By("a record of type ALIAS"),
        ..USUAL
    },
    Host { name: "Vercel", servers: &["vercel-dns.com"], top: Top::By("a record of type ALIAS"), ..USUAL },
];
