use std::{collections::BTreeMap, time::Instant};

use super::{
    remote::{MESSAGE, NOW, ROOT, Remote, Us, changes},
    server::Server,
};
use tenantry_git::{Target, Unguarded};

/// About the size of a tenant's three documents.
fn manifest(number: usize, image: &str) -> Vec<u8> {
    let host = format!("portal.customer-{number}.example.com");
    let documents = ["Certificate", "Gateway", "VirtualService"].map(|kind| {
        let labels: String = (0..12).map(|at| format!("    label-{at}: {number}-{at}\n")).collect();
        format!("---\nkind: {kind}\nmetadata:\n  name: portal-{number}\n  labels:\n{labels}spec:\n  host: {host}\n  image: {image}\n")
    });
    documents.concat().into_bytes()
}

fn packed(us: &Us) -> u64 {
    std::fs::read_dir(us.mirror().join("objects/pack"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}

#[tokio::test]
async fn a_change_of_one_of_ten_thousand_files_moves_little() {
    let remote = Remote::empty();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let all: BTreeMap<_, _> =
        (0..10_000).map(|at| (format!("tenant-{at:05}.yaml"), Some(manifest(at, "v1")))).collect();

    let mut since = Instant::now();
    let mut lap = |what: &str| {
        let took = since.elapsed();
        since = Instant::now();
        eprintln!("{what}: {} ms", took.as_millis());
    };
    us.repository.commit(ROOT, &all, MESSAGE, &Target::Branch, NOW, Unguarded).await.unwrap();
    lap("first commit of 10,000 files");
    assert_eq!(us.repository.read(ROOT).await.unwrap().files.len(), 10_000);
    lap("read of 10,000 files, copy is warm");
    let nothing = us.repository.commit(ROOT, &all, MESSAGE, &Target::Branch, NOW, Unguarded).await.unwrap();
    lap("commit of 10,000 files without a change");
    assert_eq!(nothing.commit, None);

    let before = packed(&us);
    let pushed = us.sync(&[("tenant-05000.yaml", Some("changed"))]).await.unwrap();
    lap("commit of one changed file");
    assert_eq!(
        remote.git(&["show", "--format=", "--name-only", &pushed.commit.unwrap()]),
        format!("{ROOT}/tenant-05000.yaml")
    );
    let grown = packed(&us) - before;
    eprintln!("one changed file adds {grown} bytes of packs to {before}");
    // The list of ten thousand names is one object and is written anew; the ten thousand files are not.
    assert!(grown < 600_000, "{grown} bytes");

    std::fs::remove_dir_all(&us.cache).unwrap();
    lap("throwing the copy away");
    assert_eq!(us.repository.read(ROOT).await.unwrap().files.len(), 10_000);
    lap("read of 10,000 files, copy is cold");
    remote.other(&format!("{ROOT}/tenant-00001.yaml"), "theirs");
    lap("somebody else pushes");
    let wanted = changes(&[("tenant-00002.yaml", Some("ours"))]);
    us.repository.commit(ROOT, &wanted, MESSAGE, &Target::Branch, NOW, Unguarded).await.unwrap();
    lap("commit of one changed file on a head that moved");
    assert_eq!(remote.count("main"), 4);
    remote.assert_sound();
}
