//! The issuer, checked as any relying party would.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tenantry_standins::issuer::{Claims, Flaw, Issuer, Options};

/// Fetches the keys by discovery and checks the token; the error says what was wrong with it.
async fn check(issuer: &Issuer, token: &str) -> Result<Value, String> {
    let get = async |url: String| reqwest::get(url).await.unwrap().json::<Value>().await.unwrap();
    let found = get(format!("{}/.well-known/openid-configuration", issuer.url())).await;
    assert_eq!(found["issuer"], issuer.url());
    let keys: JwkSet = serde_json::from_value(get(found["jwks_uri"].as_str().unwrap().to_owned()).await).unwrap();
    let header = jsonwebtoken::decode_header(token).map_err(|error| error.to_string())?;
    let key = keys.find(&header.kid.ok_or("no kid")?).ok_or("unknown key")?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[issuer.audience()]);
    validation.set_issuer(&[issuer.url()]);
    validation.validate_nbf = true;
    let key = DecodingKey::from_jwk(key).unwrap();
    let data = jsonwebtoken::decode::<Value>(token, &key, &validation).map_err(|error| error.to_string())?;
    Ok(data.claims)
}

#[tokio::test]
async fn a_good_token_says_who_it_is_for() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let claims = Claims::of("ann").tenant("ten_1").role("tenant-admin").email("ann@a.example");
    let said = check(&issuer, &issuer.mint(&claims.valid_for(Duration::from_secs(60)))).await.unwrap();
    assert_eq!(
        (&said["sub"], &said["tenant"], &said["email"]),
        (&json!("ann"), &json!("ten_1"), &json!("ann@a.example"))
    );
    assert_eq!((&said["roles"], &said["aud"]), (&json!(["tenant-admin"]), &json!("tenantry")));
    assert_eq!(said["exp"].as_u64().unwrap() - said["iat"].as_u64().unwrap(), 60);
    let bare = check(&issuer, &issuer.mint(&Claims::of("bob"))).await.unwrap();
    assert_eq!((bare.get("tenant"), &bare["roles"]), (None, &json!([])));
}

#[tokio::test]
async fn every_flawed_token_is_refused_for_its_flaw() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let claims = Claims::of("mallory").tenant("ten_1");
    for flaw in Flaw::ALL {
        let error = check(&issuer, &issuer.mint_flawed(&claims, flaw)).await.expect_err(&format!("{flaw:?}"));
        let expected = match flaw {
            Flaw::Expired => "ExpiredSignature",
            Flaw::NotYetValid => "ImmatureSignature",
            Flaw::OtherAudience => "InvalidAudience",
            Flaw::OtherIssuer => "InvalidIssuer",
            Flaw::OtherKey | Flaw::Tampered => "InvalidSignature",
            Flaw::UnknownKey => "unknown key",
            Flaw::ConfusedAlgorithm => "InvalidAlgorithm",
            // The library knows no `none`: it does not even read the header.
            Flaw::Unsigned => "",
        };
        assert!(error.contains(expected), "{flaw:?}: {error}");
    }
}

#[tokio::test]
async fn tokens_survive_a_restart_where_the_key_is_kept_and_the_key_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().join("issuer")), ..Options::default() };
    let first = Issuer::start(options.clone()).await.unwrap();
    let token = first.mint(&Claims::of("ann"));
    let port = first.url().rsplit(':').next().unwrap().parse().ok();
    first.stop().await;

    let second = Issuer::start(Options { port, ..options.clone() }).await.unwrap();
    check(&second, &token).await.unwrap();
    let file = folder.path().join("issuer/signing-key");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    std::fs::write(&file, "damaged").unwrap();
    assert!(Issuer::start(options).await.is_err());
}

#[tokio::test]
async fn a_token_is_asked_for_by_form_or_json_and_wrong_asks_are_refused_in_words() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let client = reqwest::Client::new();
    let url = format!("{}/token", issuer.url());
    let form = [("sub", "ann"), ("tenant", "ten_1"), ("roles", "operator,viewer"), ("expires_in", "60")];
    let body = json!({ "sub": "ann", "tenant": "ten_1", "roles": ["operator", "viewer"], "expires_in": 60 });
    for asked in [client.post(&url).form(&form), client.post(&url).json(&body)] {
        let answer: Value = asked.send().await.unwrap().json().await.unwrap();
        assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(60)));
        let said = check(&issuer, answer["access_token"].as_str().unwrap()).await.unwrap();
        assert_eq!((&said["tenant"], &said["roles"]), (&json!("ten_1"), &json!(["operator", "viewer"])));
    }
    let other = client.post(&url).json(&json!({ "sub": "ann", "audience": "elsewhere" })).send().await.unwrap();
    let answer: Value = other.json().await.unwrap();
    assert_eq!(check(&issuer, answer["access_token"].as_str().unwrap()).await.unwrap_err(), "InvalidAudience");
    for wrong in [json!({}), json!({ "sub": "" }), json!({ "sub": "ann", "expires_in": 0 }), json!("x")] {
        let refused = client.post(&url).json(&wrong).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{wrong}");
        assert!(!refused.json::<Value>().await.unwrap()["error_description"].as_str().unwrap().is_empty());
    }
}
