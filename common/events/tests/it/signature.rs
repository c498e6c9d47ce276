use secrecy::{ExposeSecret, SecretString};
use tenantry_events::{
    Rejected,
    signature::{SecretError, Secrets, TOLERANCE, new_secret},
};
use time::{Duration, OffsetDateTime};

/// The vector anybody can check, of the specification's own libraries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: &str = "1614265330";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn secrets(text: &str) -> Secrets {
    Secrets::parse(&SecretString::from(text)).unwrap()
}

fn then() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(TIMESTAMP.parse().unwrap()).unwrap()
}

/// Three headers under the names of `svix-*` or `webhook-*`.
fn headers<'h>(
    family: &'static str,
    id: &'h str,
    timestamp: &'h str,
    signature: &'h str,
) -> impl Fn(&str) -> Option<&'h str> {
    move |name| match name.strip_prefix(family)?.strip_prefix('-')? {
        "id" => Some(id),
        "timestamp" => Some(timestamp),
        "signature" => Some(signature),
        _ => None,
    }
}

fn check(id: &str, timestamp: &str, signature: &str, body: &[u8]) -> Result<(), Rejected> {
    secrets(SECRET).verify(headers("svix", id, timestamp, signature), body, then()).map(|_| ())
}

#[test]
fn the_published_vector_is_genuine_under_both_names() {
    for family in ["svix", "webhook"] {
        let verified = secrets(SECRET).verify(headers(family, ID, TIMESTAMP, SIGNATURE), BODY, then()).unwrap();
        assert_eq!((verified.id, verified.at), (ID, then()));
    }
}

#[test]
fn one_changed_byte_anywhere_is_refused() {
    for place in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[place] ^= 1;
        assert_eq!(check(ID, TIMESTAMP, SIGNATURE, &body), Err(Rejected::WrongSignature), "byte {place}");
    }
    assert_eq!(check("msg_p5jXN8AQM9LWM0D4loKWxJeK", TIMESTAMP, SIGNATURE, BODY), Err(Rejected::WrongSignature));
    assert_eq!(check(ID, "1614265331", SIGNATURE, BODY), Err(Rejected::WrongSignature));
    let other = SIGNATURE.replacen('g', "h", 1);
    assert_eq!(check(ID, TIMESTAMP, &other, BODY), Err(Rejected::WrongSignature));
    assert_eq!(check(ID, TIMESTAMP, SIGNATURE, b""), Err(Rejected::WrongSignature));
}

#[test]
fn another_secret_is_refused() {
    let other = new_secret().unwrap();
    let answer = Secrets::parse(&other).unwrap().verify(headers("svix", ID, TIMESTAMP, SIGNATURE), BODY, then());
    assert_eq!(answer, Err(Rejected::WrongSignature));
}

#[test]
fn the_clock_may_be_five_minutes_off_in_either_direction_and_no_more() {
    let at = |now| secrets(SECRET).verify(headers("svix", ID, TIMESTAMP, SIGNATURE), BODY, now).map(|_| ());
    assert_eq!(at(then() + TOLERANCE), Ok(()));
    assert_eq!(at(then() - TOLERANCE), Ok(()));
    assert_eq!(at(then() + TOLERANCE + Duration::SECOND), Err(Rejected::TooOld { seconds: 301 }));
    assert_eq!(at(then() - TOLERANCE - Duration::SECOND), Err(Rejected::TooNew { seconds: 301 }));
}

#[test]
fn headers_that_are_missing_or_malformed_are_named() {
    let missing = |without: &'static str| {
        let all = headers("svix", ID, TIMESTAMP, SIGNATURE);
        secrets(SECRET).verify(|name| all(name).filter(|_| name != without), BODY, then()).map(|_| ())
    };
    assert_eq!(missing("svix-timestamp"), Err(Rejected::MissingHeader("svix-timestamp")));
    assert_eq!(missing("svix-signature"), Err(Rejected::MissingHeader("svix-signature")));
    // Without the id under one name, the other name is what is missing.
    assert_eq!(missing("svix-id"), Err(Rejected::MissingHeader("webhook-id")));

    for id in ["", "msg.1", "msg 1", "msg\n1", "é", &"m".repeat(257)] {
        assert_eq!(check(id, TIMESTAMP, SIGNATURE, BODY), Err(Rejected::MalformedHeader("svix-id")), "{id:?}");
    }
    for timestamp in ["", "now", "-1614265330", "+1614265330", "1614265330.0", " 1614265330", "99999999999999999999"] {
        let answer = check(ID, timestamp, SIGNATURE, BODY);
        assert_eq!(answer, Err(Rejected::MalformedHeader("svix-timestamp")), "{timestamp:?}");
    }
    for signature in ["", "v1", "v1,", "v1,%%%", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v2,AAAA", "v1a,AAAA"]
    {
        let answer = check(ID, TIMESTAMP, signature, BODY);
        assert_eq!(answer, Err(Rejected::MalformedHeader("svix-signature")), "{signature:?}");
    }
}

#[test]
fn the_two_families_of_names_are_never_mixed() {
    let mixed = |name: &str| match name {
        "svix-id" => Some(ID),
        "webhook-timestamp" => Some(TIMESTAMP),
        "webhook-signature" => Some(SIGNATURE),
        _ => None,
    };
    let answer = secrets(SECRET).verify(mixed, BODY, then());
    assert_eq!(answer, Err(Rejected::MissingHeader("svix-timestamp")));
}

#[test]
fn the_outside_learns_one_word_whatever_the_reason() {
    for refusal in [Rejected::WrongSignature, Rejected::MissingHeader("svix-id"), Rejected::TooOld { seconds: 400 }] {
        assert_eq!(refusal.word(), "refused");
    }
    assert_eq!(Rejected::CertificateUnavailable("no answer".to_owned()).word(), "unavailable");
}

#[test]
fn while_a_secret_is_rotated_either_side_may_be_ahead() {
    let new = new_secret().unwrap();
    let both = secrets(&format!("{}, {SECRET}", new.expose_secret()));
    // The provider still signs with the old secret.
    assert!(both.verify(headers("svix", ID, TIMESTAMP, SIGNATURE), BODY, then()).is_ok());
    // We sign with both; a receiver that knows only one of them agrees, in whatever order they come.
    let signed = both.sign(ID, then(), BODY).unwrap();
    assert_eq!(signed.signature.split(' ').count(), 2);
    let turned: Vec<&str> = signed.signature.split(' ').rev().collect();
    for signature in [signed.signature.clone(), turned.join(" "), format!("v1a,xyz {}", signed.signature)] {
        for one in [&Secrets::of([&new]).unwrap(), &secrets(SECRET)] {
            assert!(one.verify(headers("webhook", ID, TIMESTAMP, &signature), BODY, then()).is_ok());
        }
    }
}

#[test]
fn what_we_sign_is_the_published_signature_and_what_the_reference_library_signs() {
    let signed = secrets(SECRET).sign(ID, then(), BODY).unwrap();
    assert_eq!(signed.signature, SIGNATURE);
    assert_eq!(
        signed.headers().map(|(name, value)| format!("{name}: {value}")),
        [
            format!("webhook-id: {ID}"),
            format!("webhook-timestamp: {TIMESTAMP}"),
            format!("webhook-signature: {SIGNATURE}"),
            format!("svix-id: {ID}"),
            format!("svix-timestamp: {TIMESTAMP}"),
            format!("svix-signature: {SIGNATURE}"),
        ]
    );
    for body in ["", "{}", "{\"naïve\": \"✓\"}", &"x".repeat(20_000)] {
        let secret = new_secret().unwrap();
        let theirs = standardwebhooks::Webhook::new(secret.expose_secret()).unwrap();
        let theirs = theirs.sign(ID, then().unix_timestamp(), body.as_bytes()).unwrap();
        let ours = Secrets::parse(&secret).unwrap();
        assert_eq!(ours.sign(ID, then(), body.as_bytes()).unwrap().signature, theirs);
        assert!(ours.verify(headers("webhook", ID, TIMESTAMP, &theirs), body.as_bytes(), then()).is_ok());
    }
}

#[test]
fn an_id_that_would_make_the_signed_text_ambiguous_is_not_signed() {
    for id in ["", "a.b", "a b", "a\r\nb", "ä"] {
        assert_eq!(secrets(SECRET).sign(id, then(), BODY), None, "{id:?}");
    }
}

#[test]
fn secrets_that_cannot_be_right_are_refused_without_showing_them() {
    let refused = |text: &str| Secrets::parse(&SecretString::from(text)).unwrap_err();
    assert_eq!(refused(""), SecretError::None);
    assert_eq!(refused(" , "), SecretError::None);
    assert_eq!(refused("re_123456789"), SecretError::Prefix(1));
    assert_eq!(refused(&format!("{SECRET},MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")), SecretError::Prefix(2));
    assert_eq!(refused("whsec_"), SecretError::Content(1));
    assert_eq!(refused("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa"), SecretError::Content(1));
    assert_eq!(refused("whsec_not base64"), SecretError::Content(1));
    assert_eq!(refused(&format!("whsec_{}", "A".repeat(88))), SecretError::Content(1));
    // 64 bytes, with and without padding.
    assert_eq!(format!("{:?}", secrets(&format!("whsec_{}== whsec_{}", "A".repeat(86), "A".repeat(86)))), "Secrets(2)");
    let error = refused("whsec_hunter2").to_string();
    assert!(!error.contains("hunter2"), "{error}");
}
