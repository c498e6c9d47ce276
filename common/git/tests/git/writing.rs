use std::sync::atomic::{AtomicUsize, Ordering};

use super::{
    remote::{MESSAGE, NOW, ROOT, Remote, Us, changes},
    server::Server,
};
use tenantry_git::{GitError, Target, Unguarded};
use tenantry_model::{ErrorClass, Fault};

#[tokio::test]
async fn the_first_commit_of_an_empty_repository_makes_the_branch() {
    let remote = Remote::empty();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let pushed = us.sync(&[("acme.yaml", Some("a: 1\n"))]).await.unwrap();
    assert_eq!(pushed.tries, 1);
    assert_eq!(pushed.commit.unwrap(), remote.git(&["rev-parse", "main"]));
    let us = format!("Tenantry <tenantry@example.com> {}", NOW.unix_timestamp());
    let log = remote.git(&["log", "--format=%an <%ae> %at|%cn <%ce> %ct|%P|%B", "main"]);
    assert_eq!(log.trim_end(), format!("{us}|{us}||{MESSAGE}"));
    assert_eq!(remote.show(&format!("{ROOT}/acme.yaml")), "a: 1");
    remote.assert_sound();
}

#[tokio::test]
async fn a_change_set_is_one_commit_that_touches_only_its_files() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    us.sync(&[("acme.yaml", Some("a: 1\n")), ("deep/er/beta.yaml", Some("b: 1\n")), ("gone.yaml", Some("x"))])
        .await
        .unwrap();
    assert_eq!(remote.count("main"), 3);
    let pushed =
        us.sync(&[("acme.yaml", Some("a: 2\n")), ("gone.yaml", None), ("never-was.yaml", None)]).await.unwrap();
    assert_eq!(pushed.tries, 1);
    assert_eq!(
        remote.git(&["show", "--format=%s", "--name-status", "main"]),
        format!("{MESSAGE}\n\nM\t{ROOT}/acme.yaml\nD\t{ROOT}/gone.yaml")
    );
    assert_eq!(remote.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(), 4);
    assert_eq!(remote.show("README.md"), "hello");
    remote.assert_sound();
}

#[tokio::test]
async fn nothing_to_change_is_no_commit_and_no_push() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let files = [("acme.yaml", Some("a: 1\n")), ("gone.yaml", None)];
    assert!(us.sync(&files).await.unwrap().commit.is_some());
    assert_eq!(us.sync(&files).await.unwrap().commit, None);
    assert_eq!(us.sync(&[]).await.unwrap().commit, None);
    let other = us.again(&server.url());
    let pushed = other.commit(ROOT, &changes(&files), MESSAGE, &Target::Branch, NOW, Unguarded).await.unwrap();
    assert_eq!((pushed.commit, pushed.tries), (None, 1));
    assert_eq!(server.count("/git-receive-pack"), 1);
    assert_eq!(remote.count("main"), 3);
}

#[tokio::test]
async fn folders_that_become_empty_vanish_and_the_last_file_may_go() {
    let remote = Remote::empty();
    let us = Us::beside(&remote);
    us.sync(&[("a/b/c.yaml", Some("c"))]).await.unwrap();
    us.sync(&[("a/b/c.yaml", None)]).await.unwrap();
    assert_eq!(remote.git(&["ls-tree", "-r", "-t", "--name-only", "main"]), "");
    us.sync(&[("a/b/c.yaml", Some("again"))]).await.unwrap();
    assert_eq!(us.repository.read(ROOT).await.unwrap().files["a/b/c.yaml"], b"again");
    remote.assert_sound();
}

#[tokio::test]
async fn the_same_change_on_the_same_head_is_the_same_commit() {
    let mut made = Vec::new();
    for _ in 0..2 {
        let remote = Remote::empty();
        let us = Us::beside(&remote);
        us.sync(&[("b.yaml", Some("b")), ("a.yaml", Some("a"))]).await.unwrap();
        made.push(us.sync(&[("a.yaml", Some("A"))]).await.unwrap().commit.unwrap());
    }
    assert_eq!(made[0], made[1]);
}

#[tokio::test]
async fn a_program_stays_a_program_and_names_are_not_mixed_up() {
    let remote = Remote::with_others();
    let blob = remote.git(&["rev-parse", "main:README.md"]);
    let index = remote.folder.path().join("index");
    let script = format!(
        "export GIT_INDEX_FILE={}; git read-tree main; git update-index --add --cacheinfo 100755,{blob},{ROOT}/run; git write-tree",
        index.display()
    );
    let made = std::process::Command::new("sh").args(["-c", &script]).current_dir(remote.path()).output().unwrap();
    let commit =
        remote.git(&["commit-tree", "-p", "main", "-m", "a program", String::from_utf8(made.stdout).unwrap().trim()]);
    remote.git(&["update-ref", "refs/heads/main", &commit]);
    let us = Us::beside(&remote);
    us.sync(&[("run", Some("other"))]).await.unwrap();
    assert!(remote.git(&["ls-tree", "main", &format!("{ROOT}/run")]).starts_with("100755 blob"));

    let file_over_folder = us.sync(&[("others", Some("x"))]).await;
    let folder_over_file = us.sync(&[("run/x", Some("x"))]).await;
    for refused in [file_over_folder, folder_over_file] {
        assert!(matches!(refused, Err(GitError::UnusablePath { .. })), "{refused:?}");
    }
    assert!(matches!(us.sync(&[("../x", Some("x"))]).await, Err(GitError::UnusablePath { .. })));
    remote.assert_sound();
}

#[tokio::test]
async fn a_guard_that_says_no_stops_us_before_anything_is_sent() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let asked = AtomicUsize::new(0);
    let guard = || {
        asked.fetch_add(1, Ordering::SeqCst);
        async { Err(Fault::new(ErrorClass::DatabaseError, "the lock is gone")) }
    };
    let wanted = changes(&[("acme.yaml", Some("a"))]);
    let stopped = us.repository.commit(ROOT, &wanted, MESSAGE, &Target::Branch, NOW, guard).await.unwrap_err();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(Fault::from(stopped), Fault::new(ErrorClass::DatabaseError, "the lock is gone"));
    assert_eq!(server.count("/git-receive-pack"), 0);
    assert_eq!(remote.count("main"), 2);
    assert!(us.sync(&[("acme.yaml", Some("a"))]).await.unwrap().commit.is_some(), "and it is tried again afterwards");
}

#[tokio::test]
async fn a_hook_that_refuses_is_quoted_and_not_tried_again() {
    let remote = Remote::with_others();
    remote.hook("pre-receive", "echo 'GH006: Protected branch update failed'; exit 1");
    let server = Server::of(&remote).await;
    for us in [Us::beside(&remote), Us::at(&server.url())] {
        let refused = us.sync(&[("acme.yaml", Some("a"))]).await.unwrap_err();
        let words = refused.to_string();
        assert!(matches!(refused, GitError::Refused { .. }), "{refused:?}");
        assert!(words.contains("GH006: Protected branch update failed (pre-receive hook declined)"), "{words}");
    }
    assert_eq!(server.count("/git-receive-pack"), 1);
    assert_eq!(remote.count("main"), 2);
}

#[tokio::test]
async fn reading_and_committing_can_be_spawned() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    let pushed = tokio::spawn(async move {
        let before = us.repository.read(ROOT).await.unwrap();
        let lock = std::sync::Arc::new(tokio::sync::Mutex::new(()));
        let guard = || {
            let lock = std::sync::Arc::clone(&lock);
            async move {
                let _held = lock.lock().await;
                Ok(())
            }
        };
        let wanted = changes(&[("acme.yaml", Some("a"))]);
        let pushed = us.repository.commit(ROOT, &wanted, MESSAGE, &Target::Branch, NOW, guard).await.unwrap();
        (before.head, pushed.commit)
    });
    let (before, after) = pushed.await.unwrap();
    assert_ne!(before, after);
    assert_eq!(after.unwrap(), remote.git(&["rev-parse", "main"]));
}
