use super::{
    remote::{MESSAGE, NOW, ROOT, Remote, Us, changes, settings},
    server::Server,
};
use tenantry_git::{GitError, Pushed, Repository, Target, Unguarded};

const BRANCH: &str = "tenantry/portal-domains";

async fn propose(us: &Us, files: &[(&str, Option<&str>)]) -> Result<Pushed, GitError> {
    let target = Target::PullRequest(BRANCH.into());
    us.repository.commit(ROOT, &changes(files), MESSAGE, &target, NOW, Unguarded).await
}

#[tokio::test]
async fn a_pull_request_is_one_commit_on_the_base_however_often_it_is_made() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    assert_eq!(propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap().tries, 1);
    assert_eq!(remote.count(BRANCH), 3);
    assert_eq!(propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap().commit, None, "it is there already");
    propose(&us, &[("acme.yaml", Some("2")), ("beta.yaml", Some("2"))]).await.unwrap();
    assert_eq!(remote.count(BRANCH), 3, "our former commit was replaced");
    assert_eq!(remote.git(&["rev-list", "--count", &format!("main..{BRANCH}")]), "1");
    assert_eq!(remote.count("main"), 2, "the base is not touched");
    remote.assert_sound();
}

#[tokio::test]
async fn a_base_that_moved_is_followed() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap();
    remote.other("more.txt", "more");
    assert!(propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap().commit.is_some());
    assert_eq!(remote.git(&["rev-parse", &format!("{BRANCH}~1")]), remote.git(&["rev-parse", "main"]));
    assert_eq!(remote.subjects(BRANCH)[0], MESSAGE);
}

#[tokio::test]
async fn what_is_merged_is_not_proposed_again() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    let commit = propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap().commit.unwrap();
    remote.git(&["update-ref", "refs/heads/main", &commit]);
    assert_eq!(propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap().commit, None);
    propose(&us, &[("acme.yaml", Some("2"))]).await.unwrap();
    assert_eq!(remote.git(&["rev-list", "--count", &format!("main..{BRANCH}")]), "1");
}

#[tokio::test]
async fn a_commit_of_somebody_else_is_never_overwritten() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap();
    remote.other_on(BRANCH, &format!("{ROOT}/acme.yaml"), "a person's");
    let tip = remote.git(&["rev-parse", BRANCH]);
    let refused = propose(&us, &[("acme.yaml", Some("2"))]).await.unwrap_err();
    assert!(matches!(refused, GitError::BranchOfOthers { .. }), "{refused:?}");
    assert_eq!(remote.git(&["rev-parse", BRANCH]), tip);
}

#[tokio::test]
async fn a_commit_of_somebody_else_that_comes_in_between_is_not_overwritten_either() {
    let remote = std::sync::Arc::new(Remote::with_others());
    let us = Us::beside(&remote);
    propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap();
    let theirs = std::sync::Arc::clone(&remote);
    let guard = move || {
        let theirs = std::sync::Arc::clone(&theirs);
        async move {
            tokio::task::spawn_blocking(move || theirs.other_on(BRANCH, "person.txt", "a person's")).await.unwrap();
            Ok(())
        }
    };
    let target = Target::PullRequest(BRANCH.into());
    let wanted = changes(&[("acme.yaml", Some("2"))]);
    let refused = us.repository.commit(ROOT, &wanted, MESSAGE, &target, NOW, guard).await.unwrap_err();
    assert!(matches!(refused, GitError::BranchOfOthers { .. }), "{refused:?}");
    assert_eq!(remote.subjects(BRANCH)[0], "other: person.txt");
}

#[tokio::test]
async fn a_pull_request_from_its_own_base_or_from_no_name_is_refused() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    for branch in ["main", "", "a..b", "-x", "refs/heads/x", "a b"] {
        let target = Target::PullRequest(branch.into());
        let wanted = changes(&[("acme.yaml", Some("1"))]);
        let refused = us.repository.commit(ROOT, &wanted, MESSAGE, &target, NOW, Unguarded).await;
        assert!(matches!(refused, Err(GitError::Unusable { .. })), "{branch:?}: {refused:?}");
    }
}

#[tokio::test]
async fn our_own_commits_are_known_by_our_name_as_git_writes_it() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    let mut settings = settings(remote.path().to_str().unwrap(), &us.cache);
    settings.author_name = " Tenantry, Inc. ".into();
    let repository = Repository::new(settings).unwrap();
    for content in ["1", "2"] {
        let (wanted, target) = (changes(&[("acme.yaml", Some(content))]), Target::PullRequest(BRANCH.into()));
        let pushed = repository.commit(ROOT, &wanted, MESSAGE, &target, NOW, Unguarded).await.unwrap();
        assert!(pushed.commit.is_some());
    }
    assert_eq!(remote.git(&["log", "-1", "--format=%cn", BRANCH]), "Tenantry, Inc.");
}

#[tokio::test]
async fn a_branch_that_a_person_made_ready_at_the_base_is_used() {
    let remote = Remote::with_others();
    remote.git(&["branch", BRANCH, "main"]);
    let us = Us::beside(&remote);
    assert!(propose(&us, &[("acme.yaml", Some("1"))]).await.unwrap().commit.is_some());
    assert_eq!(remote.count(BRANCH), 3);
}
