//! Zones with one fault each, and what is to be said about it.

use tenantry_dns::RecordStatus::{self, Conflict, Detected, Mismatch, Missing};

/// A key of 2048 bits that signs nothing.
pub(super) const KEY: &str = "\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr3zoqnnLnJszCbdpksppE0vPU8kl02YPG6WgQAwvAZVWhGgW1NyBjBI0\
ojS1QJtu8pRY8K2zipIy1+TUnO8X9HnY/3P0Xff5ayq5pwYvQ0pvBdtdxZIVe+CcSHzr+er+ljRsqoYCb/W5BYxilGoNIQ+PggP5\
luqw3VapQOQhQbDqINFe3p2hkqWxPeRizvrhC1QldguAy2nD7Ss9B5DuFiGbomayvYwdTZ3vBjVsThwOZ6RDFBdSl1kmk0y4SxS6\
rK7IuCiDIABXHgmz7mBFSg5FEJ7G2FmCtEfBAIG1/uXxA/8t8yv5s05QcQeQ8qdntM6/QKo1bA6pZUpaFNnT/QIDAQAB\
";
/// What shows whose the domain is.
pub(super) const TOKEN: &str = "tenantry-verify=cGVyZmVjdC1hbmQtcmFuZG9t";

/// A zone, `<label>.test`; the domain is `mail.<label>.test`, and names are relative to it. `%Z` is the zone.
pub(super) struct Row {
    /// The zone's own label.
    pub(super) label: &'static str,
    /// The lines of the perfect zone that it lacks, by the first word.
    pub(super) without: Vec<&'static str>,
    /// The lines that it has more.
    pub(super) with: Vec<String>,
    /// Every code that is more than worth knowing; empty for a zone without a fault.
    pub(super) codes: Vec<&'static str>,
    /// The record that the first is about, as `TXT send`; empty for the domain as a whole.
    pub(super) record: &'static str,
    /// How that record stands.
    pub(super) status: RecordStatus,
    /// A piece of the advice.
    pub(super) advice: &'static str,
}

fn row(
    label: &'static str,
    record: &'static str,
    status: RecordStatus,
    code: &'static str,
    advice: &'static str,
) -> Row {
    Row { label, record, status, codes: vec![code], advice, without: Vec::new(), with: Vec::new() }
}

fn fine(label: &'static str) -> Row {
    Row { codes: Vec::new(), ..row(label, "", Detected, "", "") }
}

impl Row {
    /// Without these lines.
    fn no(mut self, lines: &[&'static str]) -> Self {
        self.without.extend(lines);
        self
    }

    /// With this line more.
    fn line(mut self, line: impl Into<String>) -> Self {
        self.with.push(line.into());
        self
    }

    fn mx(self, value: &str) -> Self {
        self.no(&["mx"]).line(format!("send MX {value}"))
    }

    fn spf(self, terms: &str) -> Self {
        self.no(&["spf"]).line(format!("send TXT \"v=spf1 {terms}\""))
    }

    fn dkim(self, text: &str) -> Self {
        self.no(&["dkim"]).line(format!("resend._domainkey TXT {}", strings(text)))
    }

    fn dmarc(self, text: &str) -> Self {
        self.no(&["dmarc"]).line(format!("_dmarc TXT \"{text}\""))
    }

    fn own(self, text: &str) -> Self {
        self.no(&["own"]).line(format!("_tenantry TXT {text}"))
    }
}

/// A text as a zone file has it.
pub(super) fn strings(text: &str) -> String {
    let pieces: Vec<&str> = (0..text.len()).step_by(255).map(|at| &text[at..text.len().min(at + 255)]).collect();
    format!("\"{}\"", pieces.join("\" \""))
}

/// The zones in which everything is right.
pub(super) fn perfect() -> Vec<Row> {
    let (half, rest) = KEY.split_at(200);
    vec![
        fine("perfect"),
        fine("upper-case")
            .no(&["own", "mx"])
            .line(format!("_TENANTRY TXT \"{TOKEN}\""))
            .line("SEND MX 10 Feedback-SMTP.EU-west-1.AmazonSES.com."),
        fine("another-order")
            .no(&["dkim"])
            .line(format!("resend._domainkey TXT \"v=DKIM1 ; k=rsa;p=\" \"{half} \" \" {rest};\" \" t=s\"")),
        fine("by-cname")
            .no(&["dkim"])
            .line("resend._domainkey CNAME keys.elsewhere")
            .line(format!("keys.elsewhere TXT {}", strings(&format!("p={KEY}")))),
        fine("other-senders")
            .spf("ip4:192.0.2.1 a:office.%Z include:amazonses.com -all")
            .line("office.%Z. A 192.0.2.9"),
        fine("two-tenants").line("_tenantry TXT \"tenantry-verify=c29tZWJvZHkgZWxzZQ\""),
        fine("strict-policy").dmarc("v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; rua=mailto:d@example.org"),
        fine("other-texts").line("@ TXT \"some-site-verification=1\"").line("@ MX 10 mx.example.org."),
        fine("other-selector")
            .line(format!("google._domainkey TXT {}", strings(&format!("v=DKIM1; p={}", KEY.replace('A', "B"))))),
    ]
}

/// The zones with a fault.
pub(super) fn faults() -> Vec<Row> {
    [misplaced(), texts(), keys(), spf(), mx(), policies()].into_iter().flatten().collect()
}

fn misplaced() -> Vec<Row> {
    let key = strings(&format!("p={KEY}"));
    vec![
        row(
            "no-mx",
            "MX send",
            Missing,
            "missing",
            "Publish an MX record at `send.mail.no-mx.test` (`send.mail` in a panel",
        )
        .no(&["mx"]),
        row("no-key", "TXT resend._domainkey", Missing, "missing", "`resend._domainkey.mail` in a panel").no(&["dkim"]),
        row("no-token", "TXT _tenantry", Missing, "missing", TOKEN).no(&["own"]),
        row("appended", "MX send", Missing, "zone_appended", "enter only `send.mail` in the field for the name")
            .no(&["mx"])
            .line("send.mail.%Z MX 10 feedback-smtp.eu-west-1.amazonses.com."),
        row("appended-to-the-zone", "TXT _tenantry", Missing, "zone_appended", "enter only `_tenantry.mail`")
            .no(&["own"])
            .line(format!("_tenantry.mail.%Z.%Z. TXT \"{TOKEN}\"")),
        row(
            "at-the-zone",
            "TXT resend._domainkey",
            Missing,
            "wrong_name",
            "Publish a TXT record at `resend._domainkey.mail.at-the-zone.test`",
        )
        .no(&["dkim"])
        .line(format!("resend._domainkey.%Z. TXT {key}")),
        row("doubled", "MX send", Missing, "wrong_name", "Publish an MX record at `send.mail.doubled.test`")
            .no(&["mx"])
            .line("send.mail MX 10 feedback-smtp.eu-west-1.amazonses.com."),
        row(
            "at-the-domain",
            "TXT _tenantry",
            Missing,
            "wrong_name",
            "Publish a TXT record at `_tenantry.mail.at-the-domain.test`",
        )
        .no(&["own"])
        .line(format!("@ TXT \"{TOKEN}\"")),
        row("as-text", "MX send", Missing, "wrong_type", "add it again with the right type")
            .no(&["mx"])
            .line("send TXT \"feedback-smtp.eu-west-1.amazonses.com\""),
        row("in-the-way", "MX send", Conflict, "cname_in_the_way", "Delete the CNAME at `send.mail`")
            .no(&["mx", "spf"])
            .line("send CNAME elsewhere")
            .line("elsewhere A 192.0.2.1"),
        row("circle", "MX send", Conflict, "cname_chain", "Delete the CNAME at `send.mail`")
            .no(&["mx", "spf"])
            .line("send CNAME around")
            .line("around CNAME send"),
    ]
}

fn texts() -> Vec<Row> {
    vec![
        row("other-token", "TXT _tenantry", Mismatch, "ownership_other_token", "the other one may stay")
            .own("\"tenantry-verify=c29tZWJvZHkgZWxzZQ\""),
        row("quoted", "TXT _tenantry", Mismatch, "text_quoted", "without quotes").own(&format!(r#""\"{TOKEN}\"""#)),
        row("quoted-spf", "TXT send", Mismatch, "text_quoted", "without quotes")
            .no(&["spf"])
            .line(r#"send TXT "\"v=spf1 include:amazonses.com ~all\"""#),
        row("escaped", "TXT resend._domainkey", Mismatch, "text_escaped", "without backslashes")
            .dkim(&format!(r"k=rsa\\; p={KEY}")),
        row("cut", "TXT _tenantry", Mismatch, "text_cut", "Copy the whole value again")
            .own(&format!("\"{}\"", &TOKEN[..30])),
        row("lower-case", "TXT _tenantry", Mismatch, "text_case", "Copy the whole value again")
            .own(&format!("\"{}\"", TOKEN.to_lowercase())),
        row("another-text", "TXT _tenantry", Mismatch, "value_differs", "Replace the value").own("\"hello\""),
    ]
}

fn keys() -> Vec<Row> {
    let name = "TXT resend._domainkey";
    let with = |text: String| format!("resend._domainkey TXT {}", strings(&text));
    let (first, second) = KEY.split_at(200);
    vec![
        row("two-keys", name, Conflict, "dkim_two_records", "Delete all of them but one")
            .line(with(format!("p={}", KEY.replace('A', "B")))),
        row("cut-key", name, Mismatch, "dkim_truncated", "in pieces of at most 255, each in quotes")
            .no(&["dkim"])
            .line(with(format!("p={}", &KEY[..253]))),
        row("split-key", name, Mismatch, "dkim_split", "Copy the whole value again as one line")
            .no(&["dkim"])
            .line(format!("resend._domainkey TXT \"p={first}\" \"{}\"", &second[3..])),
        row("split-in-quotes", name, Mismatch, "dkim_split", "as one line without quotes")
            .no(&["dkim"])
            .line(format!(r#"resend._domainkey TXT "\"p={first}\" " "\"{second}\"""#)),
        row("lower-key", name, Mismatch, "dkim_case", "without changing it").dkim(&format!("p={}", KEY.to_lowercase())),
        row("spaced-key", name, Mismatch, "dkim_spaces", "without changing it")
            .dkim(&format!("p={}", KEY.replace('+', " "))),
        row("bare-key", name, Mismatch, "dkim_no_key", "Put `p=` in front").dkim(KEY),
        row("no-p", name, Mismatch, "dkim_no_key", "Replace the whole text").dkim("v=DKIM1; k=rsa"),
        row("revoked", name, Mismatch, "dkim_revoked", "Replace the whole text").dkim("v=DKIM1; p="),
        row("other-key", name, Mismatch, "dkim_other_key", "earlier setup")
            .dkim(&format!("p={}", KEY.chars().rev().collect::<String>())),
        row("altered", name, Mismatch, "dkim_altered", "without changing it")
            .dkim(&format!("p={}", KEY.replacen(&KEY[100..104], "", 1))),
        row("no-tags", name, Mismatch, "dkim_syntax", "Replace the whole text").dkim("see the wiki"),
        row("sha1-only", name, Mismatch, "dkim_tags", "Replace the whole text")
            .dkim(&format!("v=DKIM1; h=sha1; p={KEY}")),
        row("testing", name, Detected, "dkim_testing", "Take `t=y` out").dkim(&format!("v=DKIM1; t=y; p={KEY}")),
    ]
}

fn spf() -> Vec<Row> {
    let name = "TXT send";
    let many: String = (1..=9).map(|number| format!(" include:s{number}.%Z")).collect();
    let others = (1..=9).map(|number| format!("s{number}.%Z. TXT \"v=spf1 ip4:192.0.2.{number} -all\""));
    let dear = row("too-many", name, Mismatch, "spf_too_many_lookups", "the dearest first")
        .spf("include:amazonses.com include:deep.%Z ~all")
        .line(format!("deep.%Z. TXT \"v=spf1{many} -all\""));
    vec![
        others.fold(dear, Row::line),
        row("two-spf", name, Conflict, "spf_two_records", "`v=spf1 include:amazonses.com ip4:192.0.2.7 ~all`")
            .line("send TXT \"v=spf1 ip4:192.0.2.7 -all\""),
        row("voids", name, Mismatch, "spf_void_lookups", "Take the terms with these names out")
            .spf("include:amazonses.com a:one.%Z a:two.%Z mx:three.%Z ~all"),
        row("empty-include", name, Mismatch, "spf_include_empty", "Take that `include:` out")
            .spf("include:amazonses.com include:plain.%Z ~all")
            .line("plain.%Z. TXT \"hello\""),
        row("spf-loop", name, Mismatch, "spf_loop", "that leads back")
            .spf("include:amazonses.com include:back.%Z ~all")
            .line("back.%Z. TXT \"v=spf1 include:send.mail.%Z -all\""),
        row("plus-all", name, Detected, "spf_plus_all", "`~all`").spf("include:amazonses.com +all"),
        row("ptr", name, Detected, "spf_ptr", "Take it out").spf("ptr include:amazonses.com ~all"),
        row("spf-syntax", name, Mismatch, "spf_syntax", "Mend that term").spf("include: amazonses.com ~all"),
        row("no-include", name, Mismatch, "spf_lacks_include", "`v=spf1 ip4:192.0.2.7 include:amazonses.com -all`")
            .spf("ip4:192.0.2.7 -all"),
        row("refused", name, Mismatch, "spf_refuses", "`v=spf1 include:amazonses.com ~all`")
            .spf("-include:amazonses.com ~all"),
        row("after-all", name, Mismatch, "spf_after_all", "add no second one").spf("-all include:amazonses.com"),
        row("spf-of-the-domain", "TXT @", Detected, "spf_plus_all", "`~all`").line("@ TXT \"v=spf1 +all\""),
    ]
}

fn mx() -> Vec<Row> {
    let name = "MX send";
    vec![
        row("null-mx", name, Mismatch, "mx_null", "Delete that MX record").mx("0 ."),
        row("priority", name, Mismatch, "mx_priority", "Change the preference to 10")
            .mx("20 feedback-smtp.eu-west-1.amazonses.com."),
        row("priority-in-host", name, Mismatch, "mx_priority_in_host", "Take the number out")
            .mx(r"10 10\032feedback-smtp.eu-west-1.amazonses.com."),
        row("region", name, Mismatch, "mx_region", "feedback-smtp.eu-west-1")
            .mx("10 feedback-smtp.us-east-1.amazonses.com."),
        row("other-host", name, Mismatch, "mx_other_host", "Replace it").mx("10 mx.example.org."),
        row("no-dot", name, Mismatch, "value_zone_appended", "with a dot at its end")
            .mx("10 feedback-smtp.eu-west-1.amazonses.com"),
        row("two-mx", name, Conflict, "mx_conflict", "the return path has only one").line("send MX 20 mx.example.org."),
    ]
}

fn policies() -> Vec<Row> {
    let name = "TXT _dmarc";
    vec![
        row("no-policy", name, Missing, "dmarc_missing", "v=DMARC1; p=none").no(&["dmarc"]),
        row("two-policies", name, Conflict, "dmarc_two_records", "Delete all of them but one")
            .line("_dmarc TXT \"v=DMARC1; p=reject\""),
        row("policy-syntax", name, Detected, "dmarc_syntax", "Mend it").dmarc("v=DMARC1; p=block"),
        row("gone-tags", name, Detected, "dmarc_gone_tags", "`t=y`").dmarc("v=DMARC1; p=none; pct=50; ri=3600"),
        row("strict-spf", name, Detected, "dmarc_strict_spf", "`aspf=r`").dmarc("v=DMARC1; p=none; aspf=s"),
        row("strict-above", name, Missing, "dmarc_strict_spf", "`aspf=r`")
            .no(&["dmarc"])
            .line("_dmarc.%Z. TXT \"v=DMARC1; p=quarantine; aspf=s\""),
    ]
}
