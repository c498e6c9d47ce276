use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    remote::{MESSAGE, NOW, ROOT, Remote, Us, changes},
    server::{Mood, Server},
};
use tenantry_git::{GitError, Pushed, TRIES, Target};
use tenantry_model::{ErrorClass, Fault};

/// Commits while `other` acts right before each push, which is told its number.
async fn while_other(
    us: &Us,
    files: &[(&str, Option<&str>)],
    other: impl Fn(usize) + Send + Sync + 'static,
) -> Result<Pushed, GitError> {
    let (other, count) = (Arc::new(other), Arc::new(AtomicUsize::new(0)));
    let guard = move || {
        let (other, count) = (Arc::clone(&other), Arc::clone(&count));
        async move {
            tokio::task::spawn_blocking(move || other(count.fetch_add(1, Ordering::SeqCst) + 1)).await.unwrap();
            Ok::<(), Fault>(())
        }
    };
    us.repository.commit(ROOT, &changes(files), MESSAGE, &Target::Branch, NOW, guard).await
}

#[tokio::test]
async fn another_file_that_was_pushed_in_between_is_kept() {
    let remote = Arc::new(Remote::with_others());
    let server = Server::of(&remote).await;
    for us in [Us::beside(&remote), Us::at(&server.url())] {
        let before = remote.count("main");
        let theirs = Arc::clone(&remote);
        let content = format!("a: {before}\n");
        let pushed = while_other(&us, &[("acme.yaml", Some(&content))], move |push| {
            if push == 1 {
                theirs.other(&format!("{ROOT}/beta.yaml"), &format!("b: {before}\n"));
            }
        })
        .await
        .unwrap();
        assert_eq!(pushed.tries, 2);
        assert_eq!(remote.count("main"), before + 2, "one commit of theirs, one of ours, no merge");
        assert_eq!(remote.git(&["log", "-1", "--format=", "--name-only", "main"]), format!("{ROOT}/acme.yaml"));
        assert_eq!(remote.show(&format!("{ROOT}/beta.yaml")), format!("b: {before}"));
        assert_eq!(remote.show(&format!("{ROOT}/acme.yaml")), format!("a: {before}"));
    }
    remote.assert_sound();
}

#[tokio::test]
async fn of_the_same_file_ours_wins_and_theirs_stays_in_the_history() {
    let remote = Arc::new(Remote::with_others());
    let us = Us::beside(&remote);
    let theirs = Arc::clone(&remote);
    let pushed = while_other(&us, &[("acme.yaml", Some("ours"))], move |push| {
        if push == 1 {
            theirs.other(&format!("{ROOT}/acme.yaml"), "theirs");
        }
    })
    .await
    .unwrap();
    assert_eq!(pushed.tries, 2);
    assert_eq!(remote.show(&format!("{ROOT}/acme.yaml")), "ours");
    assert_eq!(remote.git(&["show", &format!("main~1:{ROOT}/acme.yaml")]), "theirs");
}

#[tokio::test]
async fn the_same_content_pushed_by_another_leaves_us_nothing_to_do() {
    let remote = Arc::new(Remote::with_others());
    let us = Us::beside(&remote);
    let theirs = Arc::clone(&remote);
    let pushed = while_other(&us, &[("acme.yaml", Some("same"))], move |_| {
        theirs.other(&format!("{ROOT}/acme.yaml"), "same");
    })
    .await
    .unwrap();
    assert_eq!(pushed, Pushed { commit: None, tries: 2 });
    assert_eq!(remote.count("main"), 3);
}

#[tokio::test]
async fn who_is_overtaken_a_few_times_still_arrives() {
    let remote = Arc::new(Remote::with_others());
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let theirs = Arc::clone(&remote);
    let pushed = while_other(&us, &[("acme.yaml", Some("a"))], move |push| {
        if push <= 3 {
            theirs.other(&format!("{ROOT}/{push}.yaml"), "x");
        }
    })
    .await
    .unwrap();
    assert_eq!(pushed.tries, 4);
    assert_eq!(remote.count("main"), 2 + 3 + 1);
    assert_eq!(remote.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(), 2 + 3 + 1);
    remote.assert_sound();
}

#[tokio::test]
async fn who_is_overtaken_every_time_says_so_and_has_changed_nothing() {
    let remote = Arc::new(Remote::with_others());
    let us = Us::beside(&remote);
    let theirs = Arc::clone(&remote);
    let moving = while_other(&us, &[("acme.yaml", Some("a"))], move |push| {
        theirs.other("busy.txt", &push.to_string());
    })
    .await
    .unwrap_err();
    assert!(matches!(moving, GitError::StillMoving { tries: TRIES, .. }), "{moving:?}");
    assert_eq!(Fault::from(moving).class, ErrorClass::TimeoutError);
    assert!(!remote.subjects("main").contains(&MESSAGE.to_owned()));
    assert_eq!(remote.count("main"), 2 + TRIES as usize);
}

#[tokio::test]
async fn a_branch_that_another_made_in_between_is_built_upon() {
    let remote = Arc::new(Remote::empty());
    let us = Us::beside(&remote);
    let theirs = Arc::clone(&remote);
    let pushed = while_other(&us, &[("acme.yaml", Some("a"))], move |push| {
        if push == 1 {
            theirs.other("README.md", "first");
        }
    })
    .await
    .unwrap();
    assert_eq!(pushed.tries, 2);
    assert_eq!(remote.subjects("main"), [MESSAGE, "other: README.md"]);
}

#[tokio::test]
async fn ten_of_us_at_once_all_arrive() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let url = server.url();
    let both = [us.again(&url), us.again(&url)];
    let names: Vec<String> = (0..10).map(|at| format!("{at}.yaml")).collect();
    // Two with one cache between them, as two processes of one machine would be.
    let all = names.iter().enumerate().map(|(at, name)| {
        let repository = &both[at % 2];
        async move {
            let wanted = changes(&[(name, Some("x"))]);
            repository.commit(ROOT, &wanted, MESSAGE, &Target::Branch, NOW, tenantry_git::Unguarded).await.unwrap()
        }
    });
    let pushed = futures::future::join_all(all).await;
    assert!(pushed.iter().all(|one| one.commit.is_some()));
    assert_eq!(remote.count("main"), 12);
    assert_eq!(us.repository.read(ROOT).await.unwrap().files.len(), 11);
    remote.assert_sound();
}

#[tokio::test]
async fn at_whatever_moment_another_pushes_both_commits_stay() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    // Right before: we look, fetch, look whether we may push, push.
    let moments = ["service=git-upload-pack", "/git-upload-pack", "service=git-receive-pack", "/git-receive-pack"];
    for (at, (moment, theirs)) in moments.into_iter().zip(["1.txt", "2.txt", "3.txt", "4.txt"]).enumerate() {
        std::fs::remove_dir_all(&us.cache).ok();
        server.next(moment, Mood::After(theirs));
        let pushed = us.sync(&[("acme.yaml", Some(&at.to_string()))]).await.unwrap();
        assert_eq!(pushed.tries, if at == 0 { 1 } else { 2 }, "{moment}");
        assert_eq!(remote.count("main"), 2 + 2 * (at + 1), "{moment}");
        assert_eq!(remote.show(theirs), "meanwhile", "{moment}");
        assert_eq!(remote.show(&format!("{ROOT}/acme.yaml")), at.to_string(), "{moment}");
    }
    remote.assert_sound();
}
