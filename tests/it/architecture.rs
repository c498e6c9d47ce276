//! The shape of the house: which crate may know which, how big a file may be, what is never committed.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::Value;

/// Every arrow there may be. A crate that is not named knows no other.
const ARROWS: &str = "
activate-domain     -> tenantry-kernel tenantry-model tenantry-outbox tenantry-provider tenantry-runtime tenantry-ses tenantry-store tenantry-workflows
api                 -> tenantry-dns tenantry-events tenantry-fetch tenantry-kernel tenantry-mail tenantry-model tenantry-outbox tenantry-provider tenantry-runtime tenantry-secrets tenantry-ses tenantry-store tenantry-templates tenantry-workflows
check-dns           -> tenantry-dns tenantry-kernel tenantry-model tenantry-runtime tenantry-store tenantry-workflows
check-portal        -> tenantry-dns tenantry-fetch tenantry-kernel tenantry-mail tenantry-model tenantry-runtime tenantry-store tenantry-workflows
create-domain       -> tenantry-dns tenantry-kernel tenantry-model tenantry-outbox tenantry-provider tenantry-runtime tenantry-ses tenantry-store tenantry-workflows
delete-domain       -> tenantry-kernel tenantry-model tenantry-outbox tenantry-runtime tenantry-ses tenantry-store tenantry-workflows
deliver-webhook     -> tenantry-events tenantry-fetch tenantry-kernel tenantry-model tenantry-runtime tenantry-secrets tenantry-store tenantry-workflows
local               -> activate-domain api check-dns check-portal create-domain delete-domain deliver-webhook notify offboard-tenant onboard-tenant reconcile-cluster send-email sweep tenantry-console tenantry-git tenantry-runtime tenantry-secrets tenantry-standins tenantry-store
notify              -> tenantry-dns tenantry-events tenantry-kernel tenantry-mail tenantry-model tenantry-outbox tenantry-runtime tenantry-secrets tenantry-ses tenantry-store tenantry-templates tenantry-workflows
offboard-tenant     -> tenantry-kernel tenantry-mail tenantry-model tenantry-outbox tenantry-runtime tenantry-secrets tenantry-store tenantry-workflows
onboard-tenant      -> tenantry-kernel tenantry-model tenantry-runtime tenantry-secrets tenantry-store tenantry-workflows
reconcile-cluster   -> tenantry-cluster tenantry-git tenantry-kernel tenantry-model tenantry-runtime tenantry-store tenantry-workflows
send-email          -> tenantry-kernel tenantry-mail tenantry-model tenantry-outbox tenantry-provider tenantry-runtime tenantry-secrets tenantry-ses tenantry-store tenantry-templates tenantry-workflows
sweep               -> tenantry-kernel tenantry-model tenantry-runtime tenantry-store tenantry-workflows
tenantry            -> tenantry-dns tenantry-model
tenantry-cluster    -> tenantry-model
tenantry-console    -> api tenantry-model tenantry-runtime tenantry-secrets tenantry-store tenantry-workflows
tenantry-dns        ->
tenantry-events     -> tenantry-model
tenantry-fetch      ->
tenantry-git        -> tenantry-model
tenantry-kernel     -> tenantry-model
tenantry-mail       -> tenantry-model
tenantry-model      ->
tenantry-outbox     -> tenantry-mail tenantry-model tenantry-provider tenantry-secrets tenantry-store
tenantry-provider   -> tenantry-model
tenantry-runtime    -> tenantry-kernel tenantry-model tenantry-provider tenantry-secrets tenantry-store tenantry-workflows
tenantry-secrets    ->
tenantry-ses        -> tenantry-model tenantry-provider
tenantry-standins   ->
tenantry-store      -> tenantry-kernel tenantry-mail tenantry-model tenantry-workflows
tenantry-templates  ->
tenantry-workflows  -> tenantry-kernel tenantry-model
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn crates_know_only_those_they_may_know() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut arrows = BTreeMap::new();
    for package in packages.iter().filter(|package| package["name"] != "tenantry-tests") {
        let mut to: Vec<&str> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| dependency["name"].as_str().filter(|name| ours.contains(name)))
            .collect();
        to.sort_unstable();
        arrows.insert(package["name"].as_str().unwrap(), to);
    }
    let drawn: String = arrows
        .iter()
        .map(|(from, to)| format!("{from:<19} -> {}", to.join(" ")).trim_end().to_owned() + "\n")
        .collect();
    assert_eq!(
        drawn.trim(),
        ARROWS.trim(),
        "the arrows between crates have changed; if that is meant, change this list"
    );
}

#[test]
fn sql_lives_in_the_store_and_the_migrations_only() {
    for path in tracked("*.rs") {
        let inside = ["common/store/", "common/standins/", "tests/"].iter().any(|folder| path.starts_with(folder));
        let text = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(inside || !text.contains("sqlx::"), "{path} speaks SQL; that belongs into common/store");
    }
}

#[test]
fn files_stay_small() {
    for path in tracked("*.rs") {
        let lines = fs::read_to_string(root().join(&path)).unwrap_or_default().lines().count();
        // A workflow's whole life is one page, by design.
        let most = if path.starts_with("common/workflows/src/") { 700 } else { 500 };
        assert!(lines <= most, "{path} has {lines} lines; make rooms of it");
    }
}

#[test]
fn no_stub_and_no_path_of_a_machine_is_committed() {
    let here = concat!("architecture", ".rs");
    for path in tracked("*") {
        if path.ends_with(here) || path.ends_with(".lock") {
            continue;
        }
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for word in ["todo!(", "unimplemented!(", "dbg!(", "FIXME", "/work/", "/root/.cargo", "pythonhosted"] {
            assert!(!text.contains(word), "{path} holds {word:?}");
        }
    }
}

fn tracked(pattern: &str) -> Vec<String> {
    let listed = Command::new("git").args(["ls-files", pattern]).current_dir(root()).output().unwrap();
    String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
}
