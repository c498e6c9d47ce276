//! The README's walk, command by command, as a newcomer types it.

use std::path::Path;

use serde_json::Value;

use crate::local_stack::{folder, found, onboard, start, tenantry};

/// The commands of the README's `nth` block that is marked so, without their comments.
fn commands(nth: usize) -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let block = readme.split("```sh walk\n").nth(nth).unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.lines().map(|line| words(line.split("  #").next().unwrap())).collect()
}

/// Words as a shell reads them, as far as the README needs it.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(nth, part)| match nth % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

#[tokio::test]
async fn a_newcomer_brings_a_domain_by_the_commands_of_the_readme() {
    let data = folder();
    let stack = start(data.path());
    let at = found(data.path()).await;
    let (_, run) = onboard(&at, "Acme", "ada@acme.example");
    let tenant = run["tenantId"].as_str().unwrap_or_else(|| panic!("no tenant in {run}")).to_owned();

    let commands = commands(1);
    assert_eq!(commands.len(), 12, "{commands:?}");
    let mut said = Vec::new();
    for command in &commands {
        let arguments: Vec<&str> =
            command[1..].iter().map(|word| if word == "ten_..." { tenant.as_str() } else { word.as_str() }).collect();
        let (code, out, err) = tenantry(&at, &arguments);
        // A look that finds something missing says "not ready yet".
        let expected = if said.len() == 4 { Some(3) } else { Some(0) };
        assert_eq!(code, expected, "{arguments:?}\n{out}{err}");
        if let Some(url) = out.split_whitespace().find(|word| word.contains("/dns/")) {
            // The page without login, as a browser gets it.
            let page = reqwest::get(url).await.unwrap();
            assert_eq!(page.status(), 200);
            assert!(page.text().await.unwrap().contains("resend._domainkey"));
        }
        said.push(out + &err);
    }
    assert!(said[1].contains("_tenantry.mail.acme.test") && said[1].contains("send.mail.acme.test"), "{}", said[1]);
    assert!(said[2].contains(" IN MX 10 "), "{}", said[2]);
    assert!(said[4].contains("resend._domainkey") && said[4].contains("missing"), "{}", said[4]);
    assert!(said[7].contains("verified"), "{}", said[7]);
    assert!(said[9].contains("noreply@mail.acme.test"), "{}", said[9]);
    assert!(said[10].contains("/dns/"), "{}", said[10]);

    let (_, mail, _) = tenantry(&at, &["--json", "local", "mail", "list"]);
    let mail: Value = serde_json::from_str(&mail).unwrap();
    assert!(mail.to_string().contains("mail.acme.test"), "{mail}");
    drop(stack);
}

#[tokio::test]
async fn a_newcomer_sets_a_hostname_by_the_commands_of_the_readme() {
    let data = folder();
    let stack = start(data.path());
    let at = found(data.path()).await;
    let (_, run) = onboard(&at, "Acme", "ada@acme.example");
    let tenant = run["tenantId"].as_str().unwrap_or_else(|| panic!("no tenant in {run}")).to_owned();
    let commands = commands(2);
    assert_eq!(commands.len(), 7, "{commands:?}");
    let mut said = Vec::new();
    for command in &commands {
        let arguments: Vec<&str> =
            command[1..].iter().map(|word| if word == "ten_..." { tenant.as_str() } else { word.as_str() }).collect();
        let (code, out, err) = tenantry(&at, &arguments);
        assert_eq!(code, Some(0), "{arguments:?}\n{out}{err}");
        said.push(out + &err);
    }
    assert!(said[0].contains("CNAME") && said[0].contains(".portal.tenantry.test"), "{}", said[0]);
    assert!(said[3].contains("active"), "{}", said[3]);
    assert!(said[4].contains("0 to create, 0 to change, 0 to delete, 3 unchanged"), "{}", said[4]);
    drop(stack);
}
