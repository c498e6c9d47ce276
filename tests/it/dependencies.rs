//! What is linked into Tenantry, held to `deny.toml`, by a test that needs nothing installed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    sync::LazyLock,
};

use serde_json::Value;

static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        // This machine's alone: what other platforms need is not on it.
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &host(), "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn packages() -> impl Iterator<Item = &'static Value> {
    METADATA["packages"].as_array().unwrap().iter()
}

fn ours(package: &Value) -> bool {
    package["source"].is_null()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn rules() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

/// A list of `deny.toml`.
fn deny(section: &str, key: &str) -> Vec<String> {
    let rules = rules();
    let entries = rules[section][key].as_array().unwrap().iter();
    entries.map(|entry| entry.as_str().or_else(|| entry["crate"].as_str()).unwrap().to_owned()).collect()
}

/// The crates whose licences are agreed to for them alone.
fn exceptions() -> BTreeMap<String, Vec<String>> {
    let exceptions = rules()["licenses"]["exceptions"].as_array().unwrap().clone();
    let entries = exceptions.into_iter().map(|entry| {
        let allow = entry["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap().to_owned());
        (entry["crate"].as_str().unwrap().to_owned(), allow.collect())
    });
    entries.collect()
}

#[test]
fn every_licence_is_one_that_we_have_agreed_to() {
    // `MIT WITH something` is allowed only where that is written out.
    let licensees = |allowed: Vec<String>| -> Vec<spdx::Licensee> {
        allowed.iter().map(|licence| spdx::Licensee::parse(licence).unwrap()).collect()
    };
    let allowed = licensees(deny("licenses", "allow"));
    let agreed = |expression: &str, besides: &[spdx::Licensee]| {
        let expression = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX);
        expression.is_ok_and(|expression| {
            expression
                .evaluate(|requirement| allowed.iter().chain(besides).any(|licensee| licensee.satisfies(requirement)))
        })
    };
    assert!(agreed("MIT OR GPL-3.0-only", &[]) && !agreed("GPL-3.0-only", &[]));
    assert!(!agreed("MIT AND GPL-3.0-only", &[]) && !agreed("", &[]) && !agreed("MPL-2.0", &[]));
    let refused = packages().filter(|package| {
        let besides = exceptions().remove(text(&package["name"])).unwrap_or_default();
        !agreed(text(&package["license"]), &licensees(besides))
    });
    let refused: Vec<String> = refused.map(|package| format!("{}: {}", package["name"], package["license"])).collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn what_is_excepted_is_in_nothing_that_is_given_away() {
    let nodes = METADATA["resolve"]["nodes"].as_array().unwrap();
    let given: Vec<&Value> =
        packages().filter(|package| ours(package) && package["name"] != "tenantry-tests").collect();
    let mut reached: BTreeSet<&str> = given.iter().map(|package| text(&package["id"])).collect();
    let mut next: Vec<&str> = reached.iter().copied().collect();
    while let Some(id) = next.pop() {
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            let tests_only = dependency["dep_kinds"].as_array().unwrap().iter().all(|kind| kind["kind"] == "dev");
            if !tests_only && reached.insert(text(&dependency["pkg"])) {
                next.push(text(&dependency["pkg"]));
            }
        }
    }
    let names: BTreeSet<&str> = packages()
        .filter(|package| reached.contains(text(&package["id"])))
        .map(|package| text(&package["name"]))
        .collect();
    assert!(names.contains("tokio") && !names.contains("fantoccini"), "{names:?}");
    let found: Vec<String> = exceptions().into_keys().filter(|name| names.contains(name.as_str())).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn nothing_that_is_banned_is_linked() {
    let banned = deny("bans", "deny");
    let found =
        packages().map(|package| text(&package["name"])).filter(|name| banned.iter().any(|banned| banned == name));
    assert_eq!(found.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn everything_comes_from_the_registry_at_a_version_that_is_named() {
    let strange = packages().filter(|package| !ours(package) && !text(&package["source"]).starts_with("registry+"));
    assert_eq!(strange.map(|package| &package["id"]).collect::<Vec<_>>(), Vec::<&Value>::new());
    for package in packages().filter(|package| ours(package)) {
        for dependency in package["dependencies"].as_array().unwrap() {
            let any = dependency["req"] == "*" && dependency["path"].is_null();
            assert!(!any, "{} takes any version of {}", package["name"], dependency["name"]);
        }
    }
}

#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    for package in packages().filter(|package| ours(package)) {
        let folder = Path::new(text(&package["manifest_path"])).parent().unwrap();
        let ignored = &package["metadata"]["cargo-machete"]["ignored"];
        let mut sources = String::new();
        read_sources(folder, &mut sources);
        let node = METADATA["resolve"]["nodes"].as_array().unwrap().iter().find(|node| node["id"] == package["id"]);
        // By the name that sources know it by.
        for name in node.unwrap()["deps"].as_array().unwrap().iter().map(|dependency| text(&dependency["name"])) {
            let ignored = ignored.as_array().is_some_and(|ignored| ignored.iter().any(|ignored| ignored == name));
            if !ignored && !uses(&sources, name) {
                unused.push(format!("{}: {name}", text(&package["name"])));
            }
        }
    }
    assert_eq!(unused, Vec::<String>::new(), "in the manifest and in no source");
}

/// Whether a crate's name occurs as a path's beginning or an import.
fn uses(sources: &str, name: &str) -> bool {
    sources.match_indices(name).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let before = sources[..at].chars().next_back();
        let after = &sources[at + name.len()..];
        !before.is_some_and(part) && (after.starts_with("::") || after.starts_with([';', ' ', ',', '}', '\n']))
    })
}

fn read_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && entry.file_name().is_some_and(|name| name != "target") {
            read_sources(&entry, sources);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(&entry).unwrap());
        }
    }
}
