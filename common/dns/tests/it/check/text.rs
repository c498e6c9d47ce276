//! Texts: ownership, DKIM, and what panels do to a text.

use tenantry_dns::{
    RecordType,
    Severity::{Error, Warning},
    Value,
};

use crate::check::world::{KEY, OWNER, PATH, Row, SIGNER, SPF, TOKEN, World, no_data, records};

fn key(world: &mut World, change: impl Fn(&str) -> String) {
    world.txt(SIGNER, &[&format!("p={}", change(KEY))]);
}

pub(crate) const ROWS: &[Row] = &[
    Row::new(
        "another tenant's token",
        |w| w.txt(OWNER, &["tenantry-verify=zzzzzzSECRET"]),
        "ownership_other_token",
        Error,
    )
    .saw("`tenantry-verify=zzzzzz…`")
    .advice(TOKEN),
    Row::new("the token in quotes", |w| w.txt(OWNER, &[&format!("\"{TOKEN}\"")]), "text_quoted", Error)
        .saw("has quotes in it")
        .advice("without quotes"),
    Row::new("the token cut", |w| w.txt(OWNER, &[&TOKEN[..25]]), "text_cut", Error)
        .saw("only 25 of the 34 characters")
        .advice(TOKEN),
    Row::new("the token in lower case", |w| w.txt(OWNER, &[&TOKEN.to_lowercase()]), "text_case", Error)
        .saw("upper and lower case")
        .advice(TOKEN),
    Row::new("something else at the token's name", |w| w.txt(OWNER, &["hello world"]), "value_differs", Error)
        .saw("`hello world`")
        .advice(TOKEN),
    Row::new("the policy record escaped", |w| w.txt(SIGNER, &[&format!("k=rsa\\; p={KEY}")]), "text_escaped", Error)
        .saw("backslashes")
        .advice("without backslashes"),
    Row::new("SPF in quotes", |w| w.txt(PATH, &[&format!("\"{SPF}\"")]), "text_quoted", Error).saw(SPF).advice(SPF),
    Row::new(
        "two keys",
        |w| w.txt(SIGNER, &[&format!("p={KEY}"), "p=MIIBIjANBgkqhkiG9w0BAQ"]),
        "dkim_two_records",
        Error,
    )
    .saw("2 texts")
    .advice("Delete all of them but one"),
    Row::new("a key cut at 255", |w| long_key(w, |text| vec![&text[..255]]), "dkim_truncated", Error)
        .saw("its first 253 of 392 characters, cut at the 255")
        .advice("pieces of at most 255"),
    Row::new("a key cut", |w| key(w, |key| key[..100].to_owned()), "dkim_truncated", Error)
        .saw("first 100 of 216 characters.")
        .advice(KEY),
    Row::new(
        "a key split with bytes lost",
        |w| long_key(w, |text| vec![&text[..200], &text[210..]]),
        "dkim_split",
        Error,
    )
    .saw("2 pieces, and 10 characters were lost after the 198th")
    .advice("as one line"),
    Row::new(
        "a key with the quotes of a split in it",
        |w| key(w, |k| format!("{}\" \"{}", &k[..90], &k[90..])),
        "dkim_split",
        Error,
    )
    .saw("the quotes between the pieces")
    .advice("as one line without quotes"),
    Row::new("a key in lower case", |w| key(w, str::to_lowercase), "dkim_case", Error)
        .saw("upper and lower case")
        .advice(KEY),
    Row::new("a key whose plus signs became spaces", |w| key(w, |key| key.replace('+', " ")), "dkim_spaces", Error)
        .saw("became spaces")
        .advice(KEY),
    Row::new(
        "a key with an invisible space",
        |w| key(w, |k| format!("{}\u{200b}{}", &k[..50], &k[50..])),
        "dkim_spaces",
        Error,
    )
    .saw("invisible characters"),
    Row::new("a bare key", |w| w.txt(SIGNER, &[KEY]), "dkim_no_key", Error)
        .saw("without `p=`")
        .advice("Put `p=` in front"),
    Row::new("a record without p=", |w| w.txt(SIGNER, &["v=DKIM1; k=rsa"]), "dkim_no_key", Error)
        .saw("no tag `p=`")
        .advice(KEY),
    Row::new("a revoked key", |w| w.txt(SIGNER, &["v=DKIM1; p="]), "dkim_revoked", Error).saw("revoked").advice(KEY),
    Row::new(
        "another key",
        |w| {
            key(w, |key| {
                key.replace("7vbqajDw4o6gJy8UtmIbkcpnkO3Kwc4qsEnSZp", "xqy1mAGA3ddVtjbdgHOzB6bJ3WBwyDlIJ0Tp21")
            })
        },
        "dkim_other_key",
        Error,
    )
    .saw("another key: `p=MIGf")
    .advice(KEY),
    Row::new(
        "a key with letters missing",
        |w| key(w, |key| format!("{}{}", &key[..60], &key[63..])),
        "dkim_altered",
        Error,
    )
    .saw("3 characters are missing after the 60th"),
    Row::new("a key with letters added", |w| key(w, |k| format!("{}xyz{}", &k[..60], &k[60..])), "dkim_altered", Error)
        .saw("3 characters too many after the 60th"),
    Row::new("no list of tags", |w| w.txt(SIGNER, &[&format!("v=DKIM1; rsa; p={KEY}")]), "dkim_syntax", Error)
        .saw("`rsa` in it is no tag")
        .advice("Replace the whole text"),
    Row::new(
        "a key of another type",
        |w| w.txt(SIGNER, &[&format!("v=DKIM1; k=ed25519; p={KEY}")]),
        "dkim_tags",
        Error,
    )
    .saw("`k=ed25519`"),
    Row::new("a version that is not first", |w| w.txt(SIGNER, &[&format!("p={KEY}; v=DKIM1")]), "dkim_tags", Error)
        .saw("`v=DKIM1` must stand first"),
    Row::new("a key for SHA-1 only", |w| w.txt(SIGNER, &[&format!("h=sha1; p={KEY}")]), "dkim_tags", Error)
        .saw("SHA-256"),
    Row::new("a key that is being tested", |w| w.txt(SIGNER, &[&format!("t=s : y; p={KEY}")]), "dkim_testing", Warning)
        .saw("`t=y`")
        .advice("Take `t=y` out"),
    Row::new("a short key where any would do", |w| any_key(w, &KEY[..120]), "dkim_weak", Error)
        .saw("only 120 characters")
        .advice("the value that the mail service shows"),
    Row::new("no key at all where any would do", |w| any_key(w, &KEY.replace('/', "!")), "dkim_syntax", Error)
        .saw("`!`"),
];

/// A key of 2048 bits is wanted, and its record is published in these strings.
fn long_key(world: &mut World, strings: fn(&str) -> Vec<&str>) {
    let long = format!("p={}{}", KEY, KEY.chars().rev().take(176).collect::<String>());
    world.wanted[3].value.clone_from(&long);
    world.strings(SIGNER, &strings(&long));
}

fn any_key(world: &mut World, key: &str) {
    world.wanted[3].value.clear();
    world.txt(SIGNER, &[&format!("v=DKIM1; p={key}")]);
}

#[test]
fn each_fault_of_a_text_has_its_finding() {
    for row in ROWS {
        row.run();
    }
}

#[test]
fn a_long_key_is_right_however_it_is_split() {
    let mut world = World::new();
    long_key(&mut world, |text| vec![&text[..255], &text[255..]]);
    assert_eq!(world.check().findings, []);
    long_key(&mut world, |text| text.as_bytes().chunks(100).map(|part| std::str::from_utf8(part).unwrap()).collect());
    assert_eq!(world.check().findings, []);
}

#[test]
fn another_s_token_is_never_told_in_full() {
    let mut world = World::new();
    world.txt(OWNER, &["tenantry-verify=zzzzzzSECRET", "tenantry-verify=yyyyyySECRET"]);
    world.say_at(1, OWNER, RecordType::Txt, no_data());
    world.public(OWNER, RecordType::Txt, records(vec![Value::Txt(vec!["tenantry-verify=xSECRETxx".to_owned()])]));
    let report = world.check();
    assert_eq!(report.findings[0].code, "ownership_other_token");
    assert_eq!(report.records[0].saw, ["\"tenantry-verify=zzzzzz…\"", "\"tenantry-verify=yyyyyy…\""]);
    assert!(!format!("{report:?}").contains("SECRET"), "{report:#?}");
    world.say_at(1, OWNER, RecordType::Txt, records(vec![Value::Txt(vec![TOKEN.to_owned()])]));
    let report = world.check();
    assert_eq!(report.findings[0].code, "servers_disagree");
    assert!(!format!("{report:?}").contains("SECRET"), "{report:#?}");
}

#[test]
fn several_tenants_may_prove_that_they_own_a_name() {
    let mut world = World::new();
    world.txt(OWNER, &["tenantry-verify=another", &format!("{TOKEN} "), "something else"]);
    assert_eq!(world.check().findings, []);
}
