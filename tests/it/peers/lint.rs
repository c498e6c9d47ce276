//! The templates as AWS's own tools see them.

use std::process::Command;

/// Runs a tool on a template, and fails with what it says.
fn passes(tool: &str, arguments: &[&str]) {
    let Some(path) = super::tool(tool) else { return };
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(path)
        .args(arguments)
        .current_dir(super::root())
        .env("HOME", home.path())
        .env("SAM_CLI_TELEMETRY", "0")
        .env("AWS_DEFAULT_REGION", super::ministack::REGION)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
    assert!(output.status.success(), "{tool} {}:\n{said}", arguments.join(" "));
}

#[test]
fn cfn_lint_finds_nothing() {
    passes("cfn-lint", &["infra/template.yaml", "infra/database.yaml"]);
}

#[test]
fn sam_finds_the_template_valid() {
    passes("sam", &["validate", "--lint", "--template", "infra/template.yaml"]);
}

#[test]
fn sam_finds_the_databases_template_valid() {
    passes("sam", &["validate", "--lint", "--template", "infra/database.yaml"]);
}
