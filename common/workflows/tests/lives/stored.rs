//! Lives as older versions have stored them. A fixture is never changed: it is what rests in somebody's database.

use std::path::Path;

use serde_json::json;
use tenantry_kernel::{EntryKind, Heard, Input, Life, advance::Deaf};
use tenantry_workflows::kinds;

#[test]
fn every_version_that_was_ever_stored_is_still_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for kind in kinds() {
        for version in 1..=kind.version() {
            let path = folder.join(format!("{}-{version}.json", kind.kind()));
            let stored = std::fs::read_to_string(&path)
                .unwrap_or_else(|_| panic!("{} is missing: keep a life of this version there", path.display()));
            let life: Life = serde_json::from_str(&stored).unwrap();
            assert_eq!(life.version, version);
            let cancel = kind
                .signal("cancel", json!({ "reason": "a test" }))
                .unwrap_or_else(|_| kind.signal("cancel", json!(null)).unwrap());
            let input = Input { kind: EntryKind::Signal, epoch: None, heard: Heard::Event(cancel) };
            match kind.advance(&life, input) {
                Ok(change) => assert_eq!(change.life.version, kind.version()),
                // Understood, and refused: a life that ends as it begins hears nothing any more.
                Err(Deaf::Refused(_)) if kind.kind() == "tenant_change" => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }
}
