//! The objects that cert-manager makes of a certificate.

use super::super::kind::{Key, Kind};
use rcgen::{CertificateParams, CertificateSigningRequestParams, DistinguishedName, KeyPair, SanType};
use rustls::pki_types::CertificateSigningRequestDer;
use serde_json::{Value, json};
use std::io::{Error, Result};

pub(super) const NAME: &str = "cert-manager.io/certificate-name";
pub(super) const REVISION: &str = "cert-manager.io/certificate-revision";
const ACME: &str = "https://acme-v02.api.letsencrypt.org/acme";

fn owner(of: &Value) -> Value {
    json!([{
        "apiVersion": of["apiVersion"], "kind": of["kind"], "name": of["metadata"]["name"], "uid": of["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    }])
}

fn named(kind: Kind, of: &Value, name: &str) -> Value {
    json!({
        "apiVersion": kind.api_version(), "kind": kind.as_str(),
        "metadata": {
            "name": name, "namespace": of["metadata"]["namespace"], "ownerReferences": owner(of),
            "labels": {}, "annotations": {},
        },
    })
}

/// The names of a certificate; the first is its common name where it says none.
pub(super) fn hosts(certificate: &Value) -> Vec<String> {
    let names = certificate["spec"]["dnsNames"].as_array();
    names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// A new private key as PEM, and the request signed with it as DER.
pub(in super::super) fn request_for(hosts: Vec<String>) -> Result<(String, Vec<u8>)> {
    let key = KeyPair::generate().map_err(Error::other)?;
    let mut params = CertificateParams::new(hosts).map_err(Error::other)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(Error::other)?;
    Ok((key.serialize_pem(), request.der().to_vec()))
}

/// The secret that holds the key until its certificate is there.
pub(super) fn key_secret(certificate: &Value, name: &str, key: &str) -> Value {
    let mut secret = named(Kind::Secret, certificate, name);
    secret["metadata"]["labels"] = json!({ "cert-manager.io/next-private-key": "true" });
    secret["data"] = json!({ "tls.key": base64(key.as_bytes()) });
    secret
}

pub(super) fn request(certificate: &Value, name: &str, revision: i64, key_secret: &str, request: &[u8]) -> Value {
    let mut made = named(Kind::CertificateRequest, certificate, name);
    if certificate["metadata"]["labels"].is_object() {
        made["metadata"]["labels"] = certificate["metadata"]["labels"].clone();
    }
    made["metadata"]["annotations"] = json!({
        NAME: certificate["metadata"]["name"], REVISION: revision.to_string(),
        "cert-manager.io/private-key-secret-name": key_secret,
    });
    let pem = pem("CERTIFICATE REQUEST", request);
    made["spec"] = json!({
        "issuerRef": certificate["spec"]["issuerRef"], "request": base64(pem.as_bytes()),
        "username": "system:serviceaccount:cert-manager:cert-manager",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:cert-manager", "system:authenticated"],
    });
    if let Some(duration) = certificate["spec"]["duration"].as_str() {
        made["spec"]["duration"] = json!(duration);
    }
    made
}

pub(super) fn order(request: &Value, name: &str, hosts: &[String]) -> Value {
    let mut made = named(Kind::Order, request, name);
    made["metadata"]["labels"] = request["metadata"]["labels"].clone();
    made["metadata"]["annotations"] = request["metadata"]["annotations"].clone();
    made["spec"] =
        json!({ "issuerRef": request["spec"]["issuerRef"], "request": request["spec"]["request"], "dnsNames": hosts });
    made
}

/// The status of an order that was taken.
pub(super) fn order_status(order: &Value) -> Value {
    let number = number_of(order);
    let authorizations: Vec<Value> = hosts(order)
        .iter()
        .enumerate()
        .map(|(at, host)| {
            let challenge =
                json!({ "type": "http-01", "url": format!("{ACME}/chall/{number}/{at}"), "token": token(order, at) });
            json!({
                "identifier": host, "initialState": "pending", "url": format!("{ACME}/authz/{number}/{at}"),
                "wildcard": false, "challenges": [challenge],
            })
        })
        .collect();
    json!({
        "state": "pending", "url": format!("{ACME}/order/{number}"), "finalizeURL": format!("{ACME}/finalize/{number}"),
        "authorizations": authorizations,
    })
}

pub(super) fn challenge(order: &Value, name: &str) -> Value {
    let authorization = &order["status"]["authorizations"][0];
    let offered = &authorization["challenges"][0];
    let mut made = named(Kind::Challenge, order, name);
    let token = offered["token"].as_str().unwrap_or("");
    made["spec"] = json!({
        "authorizationURL": authorization["url"], "dnsName": authorization["identifier"],
        "issuerRef": order["spec"]["issuerRef"], "key": format!("{token}.{}", number_of(order)), "token": token,
        "type": "HTTP-01", "url": offered["url"], "wildcard": false, "solver": { "http01": { "ingress": { "ingressClassName": "istio" } } },
    });
    made
}

/// The secret that holds key and certificate, as it is applied.
pub(super) fn secret(certificate: &Value, key: &str, chain: &str, ca: &str) -> Value {
    let spec = &certificate["spec"];
    let mut made = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {
            "name": spec["secretName"], "namespace": certificate["metadata"]["namespace"],
            "labels": { "controller.cert-manager.io/fao": "true" },
            "annotations": {
                NAME: certificate["metadata"]["name"], "cert-manager.io/alt-names": hosts(certificate).join(","),
                "cert-manager.io/common-name": spec["commonName"].as_str().unwrap_or(""),
                "cert-manager.io/issuer-name": spec["issuerRef"]["name"],
                "cert-manager.io/issuer-kind": spec["issuerRef"]["kind"].as_str().unwrap_or("Issuer"),
                "cert-manager.io/issuer-group": spec["issuerRef"]["group"].as_str().unwrap_or(""),
                "cert-manager.io/ip-sans": "", "cert-manager.io/uri-sans": "",
            },
        },
        "data": { "tls.key": base64(key.as_bytes()), "tls.crt": base64(chain.as_bytes()), "ca.crt": base64(ca.as_bytes()) },
    });
    for field in ["labels", "annotations"] {
        for (name, value) in spec["secretTemplate"][field].as_object().into_iter().flatten() {
            made["metadata"][field][name] = value.clone();
        }
    }
    made
}

/// Where the secret of a certificate lies.
pub(super) fn secret_key(certificate: &Value) -> Key {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let namespace = text(&certificate["metadata"]["namespace"]);
    Key { kind: Kind::Secret, namespace, name: text(&certificate["spec"]["secretName"]) }
}

/// A number that belongs to an object and stays the same.
pub(super) fn number_of(object: &Value) -> u32 {
    let uid = object["metadata"]["uid"].as_str().and_then(|uid| uuid::Uuid::parse_str(uid).ok()).unwrap_or_default();
    uid.as_fields().0
}

fn token(order: &Value, at: usize) -> String {
    let uid = order["metadata"]["uid"].as_str().unwrap_or("");
    format!("{}{at}", uid.replace('-', ""))
}

pub(super) fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

/// The bytes behind base64; none where it is none.
pub(in super::super) fn unbase64(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or("");
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap_or_default()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The names that a request asks for.
pub(super) fn requested(request: &Value) -> Vec<String> {
    let der = CertificateSigningRequestDer::from(request_der(request));
    let names = CertificateSigningRequestParams::from_der(&der).map(|request| request.params.subject_alt_names);
    let text = |name: SanType| match name {
        SanType::DnsName(name) => Some(name.as_str().to_owned()),
        _ => None,
    };
    names.unwrap_or_default().into_iter().filter_map(text).collect()
}

/// The DER behind the PEM behind the base64 of a request's `spec.request`.
pub(super) fn request_der(request: &Value) -> Vec<u8> {
    let pem = String::from_utf8(unbase64(&request["spec"]["request"])).unwrap_or_default();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    unbase64(&json!(body))
}
