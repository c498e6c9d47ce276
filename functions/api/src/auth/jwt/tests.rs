//! Tokens made here, keys served over loopback.
#![allow(clippy::unwrap_used)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use axum::{Json, Router, extract::State, routing::get};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, encode, jwk::Jwk};
use serde_json::json;
use tenantry_model::{Permission, TenantId};
use tenantry_store::Scope;
use tokio::net::TcpListener;

use super::*;

/// What the issuer serves, and how often it was asked for its keys.
#[derive(Default)]
struct Served {
    issuer: String,
    keys: Vec<Value>,
    asked: usize,
    down: bool,
}

struct Issuer {
    served: Arc<Mutex<Served>>,
    url: String,
}

impl Issuer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = Arc::new(Mutex::new(Served { issuer: url.clone(), ..Served::default() }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .with_state(served.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { served, url }
    }

    fn verifier(&self, clock: &Clock) -> Verifier {
        Verifier::new(OidcOptions::new(&self.url, "api"), clock.clone()).unwrap()
    }

    fn has(&self, key: &Signer) {
        self.served.lock().unwrap().keys.push(key.public.clone());
    }

    fn comes_back_without_keys(&self) {
        let mut served = self.served.lock().unwrap();
        (served.down, served.keys) = (false, Vec::new());
    }

    fn asked(&self) -> usize {
        self.served.lock().unwrap().asked
    }

    fn claims(&self, clock: &Clock) -> Value {
        let now = clock.now().unix_timestamp();
        json!({ "iss": self.url, "aud": "api", "sub": "ada", "exp": now + 600, "roles": ["platform_operator"] })
    }
}

async fn discovery(State(served): State<Arc<Mutex<Served>>>) -> Json<Value> {
    let served = served.lock().unwrap();
    let at = served.issuer.replace("/else", "");
    Json(json!({ "issuer": served.issuer, "jwks_uri": format!("{at}/keys") }))
}

async fn keys(State(served): State<Arc<Mutex<Served>>>) -> Result<Json<Value>, axum::http::StatusCode> {
    let mut served = served.lock().unwrap();
    served.asked += 1;
    if served.down {
        return Err(axum::http::StatusCode::BAD_GATEWAY);
    }
    Ok(Json(json!({ "keys": served.keys })))
}

/// A private key, and the public one under its id.
struct Signer {
    id: &'static str,
    algorithm: Algorithm,
    secret: EncodingKey,
    public: Value,
}

impl Signer {
    fn new(id: &'static str, algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        let public_of = |secret: &EncodingKey| json!(Jwk::from_encoding_key(secret, algorithm).unwrap());
        let (secret, mut public) = match algorithm {
            Algorithm::ES256 => {
                let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
                let secret = EncodingKey::from_ec_der(key.as_ref());
                let public = public_of(&secret);
                (secret, public)
            }
            Algorithm::EdDSA => {
                let key = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                let pair = Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap();
                let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
                (EncodingKey::from_ed_der(key.as_ref()), json!({ "kty": "OKP", "crv": "Ed25519", "x": x }))
            }
            _ => {
                let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
                let secret = EncodingKey::from_rsa_der(&pkcs1(key.as_der().unwrap().as_ref()));
                let public = public_of(&secret);
                (secret, public)
            }
        };
        (public["kid"], public["use"]) = (json!(id), json!("sig"));
        Self { id, algorithm, secret, public }
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.secret).unwrap()
    }
}

/// The PKCS#1 key inside a PKCS#8 one: the octets of its only OCTET STRING.
fn pkcs1(pkcs8: &[u8]) -> Vec<u8> {
    let at = pkcs8.windows(2).position(|two| two == [0x04, 0x82]).unwrap();
    pkcs8[at + 4..].to_vec()
}

async fn refused(verifier: &Verifier, token: &str) -> (Code, String) {
    let problem = verifier.verify(token).await.unwrap_err();
    let detail = problem.body(None, None)["detail"].as_str().unwrap().to_owned();
    (problem.code(), detail)
}

#[tokio::test]
async fn an_id_token_is_for_one_client_and_one_sign_in() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    let api = issuer.verifier(&clock);
    let console = api.for_audience("console").unwrap();
    let with = |changes: &[(&str, Value)]| {
        let mut claims = issuer.claims(&clock);
        (claims["aud"], claims["nonce"], claims["name"]) = (json!("console"), json!("n-1"), json!("Ada"));
        changes.iter().for_each(|(name, value)| claims[*name] = value.clone());
        key.sign(&claims)
    };
    let good = console.id_token(&with(&[]), "n-1").await.unwrap();
    assert_eq!((good.subject(), good.text("name"), good.text("email")), ("ada", Some("Ada"), None));
    assert_eq!(console.principal(&good).unwrap().scope, Scope::Platform);
    assert!(console.id_token(&with(&[("azp", json!("console"))]), "n-1").await.is_ok());
    let both = json!(["console", "api"]);
    assert!(console.id_token(&with(&[("aud", both.clone()), ("azp", json!("console"))]), "n-1").await.is_ok());
    for (changes, nonce) in [
        (&[][..], "n-2"),
        (&[][..], ""),
        (&[("nonce", Value::Null)][..], ""),
        (&[("nonce", json!(""))][..], ""),
        (&[("aud", json!("api"))][..], "n-1"),
        (&[("azp", json!("another"))][..], "n-1"),
        (&[("aud", both)][..], "n-1"),
        (&[("exp", json!(clock.now().unix_timestamp() - 31))][..], "n-1"),
    ] {
        assert!(console.id_token(&with(changes), nonce).await.is_err(), "{changes:?} with {nonce:?}");
    }
    assert!(api.verify(&with(&[])).await.is_err(), "an ID token is no token for the API");
    assert_eq!(issuer.asked(), 1, "two audiences, one set of keys");
    assert!(matches!(api.for_audience(""), Err(VerifierError::Audience)));
}

#[tokio::test]
async fn every_accepted_algorithm_is_accepted() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    for (id, algorithm) in
        [("r", Algorithm::RS256), ("p", Algorithm::PS256), ("e", Algorithm::ES256), ("d", Algorithm::EdDSA)]
    {
        let key = Signer::new(id, algorithm);
        issuer.has(&key);
        let principal = issuer.verifier(&clock).verify(&key.sign(&issuer.claims(&clock))).await.unwrap();
        assert_eq!((principal.actor().as_str(), principal.scope), ("ada", Scope::Platform), "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_wrong_in_one_way_is_refused() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    let verifier = issuer.verifier(&clock);
    let now = clock.now().unix_timestamp();
    let with = |name: &str, value: Value| {
        let mut claims = issuer.claims(&clock);
        claims[name] = value;
        key.sign(&claims)
    };
    assert!(verifier.verify(&with("x", json!(1))).await.is_ok(), "one more claim is no fault");
    for (name, value, code) in [
        ("exp", json!(now - 31), Code::TokenExpired),
        ("exp", json!("soon"), Code::TokenInvalid),
        ("exp", Value::Null, Code::TokenInvalid),
        ("nbf", json!(now + 60), Code::TokenInvalid),
        ("nbf", json!("soon"), Code::TokenInvalid),
        ("aud", json!("another"), Code::TokenInvalid),
        ("aud", Value::Null, Code::TokenInvalid),
        ("iss", json!("https://issuer.invalid"), Code::TokenInvalid),
        ("sub", json!(""), Code::TokenInvalid),
        ("sub", json!("a\nb"), Code::TokenInvalid),
        ("tenant", json!("acme"), Code::TokenInvalid),
        ("roles", json!(["tenant_admin"]), Code::TenantClaimMissing),
        ("roles", json!(["operator"]), Code::TenantClaimMissing),
    ] {
        assert_eq!(refused(&verifier, &with(name, value.clone())).await.0, code, "{name}: {value}");
    }
    // Within the leeway it still is good, and one of several audiences is enough.
    assert!(verifier.verify(&with("exp", json!(now - 10))).await.is_ok());
    assert!(verifier.verify(&with("aud", json!(["another", "api"]))).await.is_ok());
}

#[tokio::test]
async fn an_unsigned_a_symmetric_and_a_foreign_signature_are_refused() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    let verifier = issuer.verifier(&clock);
    let claims = issuer.claims(&clock);
    let good = key.sign(&claims);
    let payload = good.split('.').nth(1).unwrap();

    // {"typ":"JWT","alg":"none"}
    let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{payload}.");
    assert_eq!(refused(&verifier, &unsigned).await.0, Code::TokenInvalid);

    let header = Header { kid: Some("k".to_owned()), ..Header::new(Algorithm::HS256) };
    let confused = encode(&header, &claims, &EncodingKey::from_secret(key.public.to_string().as_bytes())).unwrap();
    assert!(refused(&verifier, &confused).await.1.contains("algorithm"));

    let other = Signer::new("k", Algorithm::ES256).sign(&claims);
    assert!(refused(&verifier, &other).await.1.contains("signature"));
    let other_family = Signer::new("k", Algorithm::EdDSA).sign(&claims);
    assert_eq!(refused(&verifier, &other_family).await.0, Code::TokenInvalid);

    let mut tampered = claims.clone();
    tampered["sub"] = json!("mallory");
    let tampered = Signer::new("k", Algorithm::ES256).sign(&tampered);
    let parts: Vec<&str> = good.split('.').collect();
    let tampered = format!("{}.{}.{}", parts[0], tampered.split('.').nth(1).unwrap(), parts[2]);
    assert!(refused(&verifier, &tampered).await.1.contains("signature"));

    let demanding =
        Header { crit: Some(vec!["b64".to_owned()]), kid: Some("k".to_owned()), ..Header::new(key.algorithm) };
    let demanding = encode(&demanding, &claims, &key.secret).unwrap();
    assert!(refused(&verifier, &demanding).await.1.contains("extension"));

    for nonsense in ["", "a", "a.b.c", "....", &good[1..]] {
        assert_eq!(refused(&verifier, nonsense).await.0, Code::TokenInvalid, "{nonsense}");
    }
}

#[tokio::test]
async fn a_key_for_encryption_or_another_algorithm_checks_no_signature() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let mut key = Signer::new("k", Algorithm::ES256);
    key.public["use"] = json!("enc");
    issuer.has(&key);
    assert_eq!(refused(&issuer.verifier(&clock), &key.sign(&issuer.claims(&clock))).await.0, Code::TokenInvalid);

    let mut rsa = Signer::new("r", Algorithm::RS256);
    rsa.public["alg"] = json!("PS256");
    issuer.has(&rsa);
    assert_eq!(refused(&issuer.verifier(&clock), &rsa.sign(&issuer.claims(&clock))).await.0, Code::TokenInvalid);
}

#[tokio::test]
async fn an_unknown_key_asks_the_issuer_again_at_most_every_30_seconds() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let (old, new) = (Signer::new("old", Algorithm::ES256), Signer::new("new", Algorithm::ES256));
    issuer.has(&old);
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&old.sign(&issuer.claims(&clock))).await.is_ok());
    assert!(verifier.verify(&old.sign(&issuer.claims(&clock))).await.is_ok());
    assert_eq!(issuer.asked(), 1);

    issuer.has(&new);
    assert_eq!(refused(&verifier, &new.sign(&issuer.claims(&clock))).await.0, Code::TokenInvalid);
    assert_eq!(issuer.asked(), 1, "it was asked a moment ago");

    clock.turn(Duration::from_secs(30));
    assert!(verifier.verify(&new.sign(&issuer.claims(&clock))).await.is_ok());
    for _ in 0..5 {
        let invented = Signer::new("invented", Algorithm::ES256).sign(&issuer.claims(&clock));
        assert_eq!(refused(&verifier, &invented).await.0, Code::TokenInvalid);
    }
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_the_hour_and_an_outage_forgets_nothing() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&key.sign(&issuer.claims(&clock))).await.is_ok());

    issuer.served.lock().unwrap().down = true;
    clock.turn(Duration::from_secs(3700));
    assert!(verifier.verify(&key.sign(&issuer.claims(&clock))).await.is_ok(), "the issuer is down, the key is known");

    issuer.comes_back_without_keys();
    clock.turn(Duration::from_secs(30));
    assert_eq!(refused(&verifier, &key.sign(&issuer.claims(&clock))).await.0, Code::TokenInvalid);
}

#[tokio::test]
async fn no_keys_at_all_is_503_and_soon_tried_again() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    issuer.served.lock().unwrap().down = true;
    let verifier = issuer.verifier(&clock);
    assert_eq!(refused(&verifier, &key.sign(&issuer.claims(&clock))).await.0, Code::IssuerUnavailable);
    issuer.served.lock().unwrap().down = false;
    clock.turn(Duration::from_secs(2));
    assert!(verifier.verify(&key.sign(&issuer.claims(&clock))).await.is_ok());
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_not_believed() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    issuer.served.lock().unwrap().issuer.push_str("/else");
    let token = key.sign(&issuer.claims(&clock));
    assert_eq!(refused(&issuer.verifier(&clock), &token).await.0, Code::IssuerUnavailable);
}

#[tokio::test]
async fn roles_give_permissions_and_a_tenant_gives_the_scope() {
    let (issuer, clock) = (Issuer::start().await, Clock::default());
    let key = Signer::new("k", Algorithm::ES256);
    issuer.has(&key);
    let tenant = TenantId::new();
    let mut options = OidcOptions::new(&issuer.url, "api");
    options.tenant_claim = "custom:tenant".to_owned();
    options.roles_claim = "cognito:groups".to_owned();
    let verifier = Verifier::new(options, clock.clone()).unwrap();
    let mut claims = issuer.claims(&clock);
    claims["custom:tenant"] = json!(tenant);
    claims["cognito:groups"] = json!(["tenant_member", "something_else"]);
    let member = verifier.verify(&key.sign(&claims)).await.unwrap();
    assert_eq!(member.scope, Scope::Tenant(tenant));
    assert_eq!(member.permissions, [Permission::TenantsRead].into());
}

#[test]
fn an_issuer_without_tls_or_an_empty_audience_is_no_verifier() {
    let make = |issuer: &str, audience: &str| Verifier::new(OidcOptions::new(issuer, audience), Clock::default());
    assert!(matches!(make("http://issuer.example", "api"), Err(VerifierError::Url(_))));
    assert!(matches!(make("issuer", "api"), Err(VerifierError::Url(_))));
    assert!(matches!(make("https://issuer.example", ""), Err(VerifierError::Audience)));
    assert!(make("https://issuer.example", "api").is_ok());
}
