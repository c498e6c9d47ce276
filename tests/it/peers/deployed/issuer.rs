//! An issuer that signs with RSA: API Gateway's JWT authorizers verify nothing else, and the stand-in's issuer signs with
//! ES256.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{Json, Router, routing::get};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// For whom its tokens are.
pub(super) const AUDIENCE: &str = "tenantry";
const KEY_ID: &str = "one";

/// A running issuer; it ends with this handle.
pub(super) struct Issuer {
    pub(super) url: String,
    key: EncodingKey,
    server: JoinHandle<()>,
}

impl Issuer {
    /// On a free port, with discovery and keys.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = rsa();
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
        jwk["kid"] = json!(KEY_ID);
        jwk["use"] = json!("sig");
        let (keys, document) = (json!({"keys": [jwk]}), json!({"issuer": url, "jwks_uri": format!("{url}/jwks.json")}));
        let router = Router::new()
            .route("/jwks.json", get(async move || Json(keys)))
            .route("/.well-known/openid-configuration", get(async move || Json(document)));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, key, server }
    }

    /// A token for somebody in this role.
    pub(super) fn token(&self, role: &str, audience: &str) -> String {
        signed(&self.key, &self.claims(role, audience))
    }

    /// The same, signed by somebody else under the name of this issuer's key.
    pub(super) fn forged(&self, role: &str) -> String {
        signed(&rsa(), &self.claims(role, AUDIENCE))
    }

    fn claims(&self, role: &str, audience: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        json!({"iss": self.url, "aud": audience, "sub": "olga", "roles": [role], "iat": now, "exp": now + 3600})
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn signed(key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::RS256) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn rsa() -> EncodingKey {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap()
}
