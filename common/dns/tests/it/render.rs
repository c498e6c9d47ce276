//! The ways a record is shown.

use tenantry_dns::{Purpose, RecordType, Wanted, absolute, dig, relative, usual, zone_file};

fn text(name: &str, value: &str) -> Wanted {
    let (name, value) = (name.to_owned(), value.to_owned());
    Wanted { purpose: Purpose::Other, kind: RecordType::Txt, name, value, priority: None, ttl: None, required: true }
}

#[test]
fn a_relative_name_is_what_a_panel_takes() {
    for (name, zone, field) in [
        ("send.mail.acme.com", "acme.com", "send.mail"),
        ("acme.com", "acme.com", "@"),
        ("Send.ACME.com.", "acme.com.", "send"),
        ("send.notacme.com", "acme.com", "send.notacme.com."),
        ("send.acme.com", "", "send.acme.com"),
    ] {
        assert_eq!(relative(name, zone), field, "{name} in {zone}");
    }
}

#[test]
fn a_name_from_a_list_becomes_absolute() {
    for (name, domain, zone, meant) in [
        ("send.mail.acme.com", "mail.acme.com", None, "send.mail.acme.com"),
        ("send.mail.acme.com.", "mail.acme.com", Some("acme.com"), "send.mail.acme.com"),
        ("send.mail", "mail.acme.com", None, "send.mail.acme.com"),
        ("send.mail", "mail.acme.com", Some("acme.com"), "send.mail.acme.com"),
        // The zone is cut at the domain itself, and the list says the registered domain's part all the same.
        ("send.mail", "mail.acme.com", Some("mail.acme.com"), "send.mail.acme.com"),
        ("send", "send.acme.com", Some("send.acme.com"), "send.send.acme.com"),
        ("send.send", "send.acme.com", None, "send.send.acme.com"),
        ("mail", "mail.acme.com", None, "mail.acme.com"),
        ("mail", "mail.acme.com", Some("acme.com"), "mail.acme.com"),
        ("resend._domainkey.mail", "mail.acme.com", None, "resend._domainkey.mail.acme.com"),
        ("send", "mail.acme.com", None, "send.mail.acme.com"),
        ("send", "mail.acme.com", Some("acme.com"), "send.mail.acme.com"),
        ("send", "acme.com", Some("acme.com"), "send.acme.com"),
        ("_dmarc", "acme.com", None, "_dmarc.acme.com"),
        ("_dmarc.acme.com", "mail.acme.com", None, "_dmarc.acme.com"),
        ("@", "mail.acme.com", None, "mail.acme.com"),
        ("@", "mail.acme.com", Some("acme.com"), "acme.com"),
        ("", "mail.acme.com", None, "mail.acme.com"),
        ("other.example.net.", "mail.acme.com", None, "other.example.net"),
        ("SEND", "Acme.com.", None, "send.acme.com"),
    ] {
        assert_eq!(absolute(name, domain, zone), meant, "{name} of {domain} in {zone:?}");
    }
}

#[test]
fn a_zone_file_is_relative_to_its_origin() {
    let mut records = usual("mail.acme.com", "eu-west-1");
    records[0].ttl = Some(600);
    assert_eq!(
        zone_file(Some("acme.com"), &records),
        "$ORIGIN acme.com.\n\
         $TTL 3600\n\
         send.mail 600 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\n\
         send.mail IN TXT \"v=spf1 include:amazonses.com ~all\"\n\
         ; resend._domainkey.mail IN TXT (the value that is shown for this domain)\n\
         _dmarc.mail IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc@mail.acme.com\"\n"
    );
    assert_eq!(
        zone_file(None, &records[1..2]),
        "$TTL 3600\nsend.mail.acme.com. IN TXT \"v=spf1 include:amazonses.com ~all\"\n"
    );
}

#[test]
fn strings_hold_at_most_255_bytes_and_letters_stay_whole() {
    let file = zone_file(None, &[text("a.example", &format!("{}é{}", "x".repeat(254), "y".repeat(300)))]);
    let strings: Vec<&str> = file.lines().nth(1).unwrap().split('"').skip(1).step_by(2).collect();
    assert_eq!(strings[0], "x".repeat(254));
    assert_eq!(strings[1], format!("\\195\\169{}", "y".repeat(253)));
    assert_eq!(strings[2], "y".repeat(47));
}

#[test]
fn quotes_and_backslashes_are_escaped_in_a_zone_file() {
    let file = zone_file(Some("example"), &[text("a;b.example", "say \"hi\" \\ \u{7}")]);
    assert_eq!(file.lines().nth(2).unwrap(), r#"a\;b IN TXT "say \"hi\" \\ \007""#);
}

#[test]
fn a_line_for_dig_can_be_pasted() {
    let record = text("send.mail.acme.com", "x");
    assert_eq!(dig(&record, Some("ns1.example.net")), "dig +short @ns1.example.net send.mail.acme.com TXT");
    assert_eq!(dig(&record, None), "dig +short send.mail.acme.com TXT");
    assert_eq!(dig(&text("-f x;rm -rf $(ls).acme.com", "x"), Some("`id`")), "dig +short @id fxrm-rfls.acme.com TXT");
}
