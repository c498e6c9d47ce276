//! By what way a cluster is reached, and what is said when there is none.

use std::path::PathBuf;

use axum::http::header;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tempfile::NamedTempFile;
use tenantry_cluster::{Access, Cluster, ClusterError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::cluster::{
    certificate, metadata,
    server::{Api, TOKEN, access, kubeconfig, ok},
};

async fn refused(access: Access) -> String {
    match Cluster::connect(access, "tenantry").await.unwrap_err() {
        ClusterError::Access { why } => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_kubeconfig_is_read_with_its_contexts() {
    let api =
        Api::start([ok(json!({"metadata": metadata("a", "1")})), ok(json!({"metadata": metadata("a", "1")}))]).await;
    let file = kubeconfig(&api.address, None);

    for context in [None, Some("nameless")] {
        let cluster = Cluster::connect(access(&file, context), "tenantry").await.unwrap();
        cluster.get(&certificate("a")).await.unwrap();
    }

    let seen = api.seen();
    assert_eq!(seen[0].authorization, format!("Bearer {TOKEN}"));
    assert_eq!(seen[1].authorization, "", "the other context has no user");
}

#[tokio::test]
async fn what_is_wrong_with_a_kubeconfig_is_said_without_quoting_it() {
    let missing = PathBuf::from("/nowhere/kubeconfig");
    let why = refused(Access::Kubeconfig { file: Some(missing), context: None }).await;
    assert_eq!(why, "the kubeconfig /nowhere/kubeconfig cannot be read: entity not found");

    let file = kubeconfig("https://127.0.0.1:1", None);
    assert_eq!(refused(access(&file, Some("theirs"))).await, "the kubeconfig has no context \"theirs\"");

    let contents = [
        (format!("{{{TOKEN}"), "the kubeconfig is not one: it cannot be parsed"),
        (json!({"users": [{"name": "u", "user": {"token": [TOKEN]}}]}).to_string(), "it cannot be parsed"),
        (json!({"current-context": "c"}).to_string(), "the kubeconfig has no context \"c\""),
        (json!({}).to_string(), "the kubeconfig has no current context"),
        (with_cluster(&json!({})), "names no server"),
        (with_cluster(&json!({"server": "https://127.0.0.1:1", "certificate-authority-data": "%%"})), "base64 of PEM"),
        (with_cluster(&json!({"server": "https://127.0.0.1:1", "proxy-url": "http://127.0.0.1:2"})), "proxy-url"),
    ];
    for (content, expected) in contents {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();

        let why = refused(access(&file, None)).await;

        assert!(why.contains(expected), "{why}");
        assert!(!why.contains(TOKEN), "{why}");
    }
}

fn with_cluster(cluster: &serde_json::Value) -> String {
    json!({
        "current-context": "c",
        "clusters": [{"name": "k", "cluster": cluster}],
        "contexts": [{"name": "c", "context": {"cluster": "k"}}],
    })
    .to_string()
}

fn with_program(server: &str, script: &str) -> NamedTempFile {
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "args": ["-c", script],
        "interactiveMode": "Never",
    });
    let config = json!({
        "current-context": "c",
        "clusters": [{"name": "k", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"exec": exec}}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
    });
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config.to_string()).unwrap();
    file
}

#[tokio::test]
async fn a_program_may_print_the_credentials_and_what_it_printed_is_not_shown() {
    let api = Api::start([ok(json!({"metadata": metadata("a", "1")}))]).await;
    let printed = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": TOKEN},
    });
    let file = with_program(&api.address, &format!("echo '{printed}'"));
    let cluster = Cluster::connect(access(&file, None), "tenantry").await.unwrap();
    cluster.get(&certificate("a")).await.unwrap();
    assert_eq!(api.seen()[0].authorization, format!("Bearer {TOKEN}"));
    assert!(!format!("{cluster:?}").contains(TOKEN));

    let failing = with_program(&api.address, &format!("echo {TOKEN}; echo {TOKEN} >&2; exit 3"));
    let why = refused(access(&failing, None)).await;
    assert_eq!(why, "the program that prints credentials failed (exit status: 3)");

    let noise = with_program(&api.address, &format!("echo '{{ {TOKEN}'"));
    let why = refused(access(&noise, None)).await;
    assert_eq!(why, "the credentials cannot be used");
}

#[tokio::test]
async fn an_eks_cluster_needs_an_authority_that_is_one() {
    let access = |certificate_authority: &str| Access::Eks {
        cluster: "portal-cluster".to_owned(),
        region: "eu-central-1".to_owned(),
        endpoint: "https://127.0.0.1:1".to_owned(),
        certificate_authority: certificate_authority.to_owned(),
    };

    let why = refused(access("%%")).await;
    assert!(why.contains("base64 of PEM"), "{why}");

    // Credentials are looked for with the first call only.
    let authority = BASE64_STANDARD.encode(authority("ours").pem());
    Cluster::connect(access(&authority), "tenantry").await.unwrap();
    assert_eq!(access("").to_string(), "EKS cluster portal-cluster in eu-central-1");
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Answers every connection with one object, over TLS.
async fn serve(issuer: &CertifiedIssuer<'static, KeyPair>) -> String {
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust us leaves in the middle of the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(stream.read_u8().await.unwrap());
            }
            let body = json!({"metadata": metadata("a", "1")}).to_string();
            let length = header::CONTENT_LENGTH;
            let answer = format!("HTTP/1.1 200 OK\r\n{length}: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn only_the_authority_of_the_kubeconfig_is_trusted() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let address = serve(&ours).await;
    let file =
        |issuer: &CertifiedIssuer<'static, KeyPair>| kubeconfig(&address, Some(&BASE64_STANDARD.encode(issuer.pem())));

    let cluster = Cluster::connect(access(&file(&ours), None), "tenantry").await.unwrap();
    assert!(cluster.get(&certificate("a")).await.unwrap().is_some());

    let cluster = Cluster::connect(access(&file(&theirs), None), "tenantry").await.unwrap();
    let error = cluster.get(&certificate("a")).await.unwrap_err();
    assert!(matches!(&error, ClusterError::Unreachable { why } if why.contains("does not hold")), "{error}");
}
