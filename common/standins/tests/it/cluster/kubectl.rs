//! A client that is not ours: `kubectl`, where this machine has it.

use crate::cluster::{Stage, gateway, key};
use std::path::Path;
use std::process::Stdio;
use tenantry_standins::cluster::Kind;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

struct Kubectl<'a>(&'a Path);

impl Kubectl<'_> {
    /// What it printed; the error is what it complained of.
    async fn run(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut child = Command::new("kubectl")
            .args([
                "--context",
                "standin-tls",
                "--kubeconfig",
                self.0.join("config").to_str().unwrap(),
                "--cache-dir",
                self.0.join("cache").to_str().unwrap(),
            ])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

#[tokio::test]
async fn kubectl_applies_reads_edits_and_deletes() {
    if Command::new("kubectl").args(["version", "--client"]).output().await.is_err() {
        eprintln!("skipped: there is no kubectl here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::open().await;
    stage.cluster.write_kubeconfig(&folder.path().join("config")).unwrap();
    let kubectl = Kubectl(folder.path());
    let version = kubectl.run(&["version"], "").await.unwrap();
    assert!(version.contains("Server Version: v1.36"), "{version}");
    let applying = ["apply", "--server-side", "--field-manager", "people", "-n", "istio-system", "-f", "-"];
    let applied = kubectl.run(&applying, &gateway("a", "a.test").to_string()).await.unwrap();
    assert_eq!(applied, "gateway.networking.istio.io/a serverside-applied\n");
    let listed =
        kubectl.run(&["get", "gw", "-A", "-l", "portal.tenantry.dev/managed=true", "-o", "name"], "").await.unwrap();
    assert_eq!(listed, "gateway.networking.istio.io/a\n");
    let table = kubectl.run(&["get", "gateways", "-n", "istio-system"], "").await.unwrap();
    assert!(table.contains("NAME") && table.contains("\na "), "{table}");
    kubectl.run(&["label", "gw", "a", "-n", "istio-system", "team=web"], "").await.unwrap();
    let at = key(Kind::Gateway, "istio-system", "a");
    assert_eq!(stage.cluster.get(&at).unwrap()["metadata"]["labels"]["team"], "web");
    let conflict = applying.map(|word| if word == "people" { "others" } else { word });
    let refused = kubectl.run(&conflict, &gateway("a", "b.test").to_string()).await.unwrap_err();
    assert!(refused.contains("conflict with \"people\": .spec.servers"), "{refused}");
    let deleted = kubectl.run(&["delete", "gw", "a", "-n", "istio-system"], "").await.unwrap();
    assert!(deleted.starts_with("gateway.networking.istio.io \"a\" deleted"), "{deleted}");
    assert_eq!(stage.cluster.get(&at), None);
    let missing = kubectl.run(&["get", "gw", "a", "-n", "istio-system"], "").await.unwrap_err();
    assert!(missing.contains("(NotFound)"), "{missing}");
}
