use super::{
    remote::{ROOT, Remote, Us, settings},
    server::Server,
};
use tenantry_git::{GitError, Repository};

#[tokio::test]
async fn an_empty_repository_has_no_head_and_no_files() {
    let remote = Remote::empty();
    let server = Server::of(&remote).await;
    for us in [Us::beside(&remote), Us::at(&server.url())] {
        let files = us.repository.read(ROOT).await.unwrap();
        assert_eq!((files.head, files.files.len()), (None, 0));
    }
}

#[tokio::test]
async fn the_files_below_a_root_are_read_and_no_others() {
    let remote = Remote::with_others();
    remote.other(&format!("{ROOT}/acme.yaml"), "a: 1\n");
    remote.other("clusters/production/portal-domains-2/x.yaml", "not below it");
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let files = us.repository.read(ROOT).await.unwrap();
    assert_eq!(files.head.unwrap(), remote.git(&["rev-parse", "main"]));
    let names: Vec<_> = files.files.keys().collect();
    assert_eq!(names, ["acme.yaml", "others/readme.txt"]);
    assert_eq!(files.files["acme.yaml"], b"a: 1\n");
    assert_eq!(us.repository.read("").await.unwrap().files.len(), 4, "the whole repository");
    assert_eq!(us.repository.read("no/such/folder").await.unwrap().files.len(), 0);
    assert!(matches!(us.repository.read("README.md").await, Err(GitError::UnusablePath { .. })));
}

#[tokio::test]
async fn a_branch_that_is_not_there_has_no_files() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    let mut settings = settings(remote.path().to_str().unwrap(), &us.cache);
    settings.branch = "not-yet".into();
    let files = Repository::new(settings).unwrap().read("").await.unwrap();
    assert_eq!((files.head, files.files.len()), (None, 0));
}

#[tokio::test]
async fn a_head_that_we_have_is_not_fetched_again_and_a_new_one_is() {
    let remote = Remote::with_others();
    remote.other("README.md", "another");
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    us.repository.read(ROOT).await.unwrap();
    us.again(&server.url()).read(ROOT).await.unwrap();
    assert_eq!(server.count("/git-upload-pack"), 1);
    // Back to a content that our shallow copy has never seen, but the history of its head has.
    remote.other("README.md", "hello");
    remote.git(&["repack", "-adbq"]);
    assert_eq!(us.repository.read("").await.unwrap().files["README.md"], b"hello");
    assert_eq!(server.count("/git-upload-pack"), 2);
}

#[tokio::test]
async fn a_history_that_was_rewritten_is_followed() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    us.repository.read("").await.unwrap();
    remote.git(&["update-ref", "-d", "refs/heads/main"]);
    remote.git(&["reflog", "expire", "--expire=now", "--all"]);
    remote.git(&["gc", "-q", "--prune=now"]);
    remote.other("new.txt", "new");
    let files = us.repository.read("").await.unwrap();
    assert_eq!(files.files.keys().collect::<Vec<_>>(), ["new.txt"]);
}

#[tokio::test]
async fn links_and_submodules_are_left_out() {
    let remote = Remote::with_others();
    let blob = remote.git(&["rev-parse", "main:README.md"]);
    let commit = remote.git(&["rev-parse", "main"]);
    let list = remote.folder.path().join("list");
    std::fs::write(
        &list,
        format!("120000 blob {blob}\tlink\n160000 commit {commit}\tmodule\n100755 blob {blob}\tprogram\n"),
    )
    .unwrap();
    let tree = remote.git(&["-c", "core.bare=true", "mktree", "--missing", "--batch"]);
    assert!(tree.is_empty(), "nothing on its standard input");
    let script = format!("git mktree < {}", list.display());
    let made = std::process::Command::new("sh").args(["-c", &script]).current_dir(remote.path()).output().unwrap();
    let tree = String::from_utf8(made.stdout).unwrap();
    let commit = remote.git(&["commit-tree", "-m", "odd", tree.trim()]);
    remote.git(&["update-ref", "refs/heads/main", &commit]);
    let files = Us::beside(&remote).repository.read("").await.unwrap();
    assert_eq!(files.files.keys().collect::<Vec<_>>(), ["program"]);
}
