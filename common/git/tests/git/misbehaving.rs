use std::time::Duration;

use super::{
    remote::{MESSAGE, ROOT, Remote, TOKEN, Us, settings},
    server::{Mood, Server},
};
use tenantry_git::{GitError, Repository};
use tenantry_model::{ErrorClass, Fault};

const READ: &str = "service=git-upload-pack";
const FETCH: &str = "/git-upload-pack";
const LOOK: &str = "service=git-receive-pack";
const PUSH: &str = "/git-receive-pack";

/// No secret, and no body of an answer.
fn assert_discreet(error: &GitError) {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("x-access-token:{TOKEN}"));
    let (mut all, mut source) = (format!("{error} {error:?}"), std::error::Error::source(error));
    while let Some(deeper) = source {
        all.push_str(&format!(" {deeper} {deeper:?}"));
        source = deeper.source();
    }
    for secret in [TOKEN, &encoded, "a body that nobody should read"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test]
async fn each_refusal_is_told_apart_at_each_step_and_nothing_changes() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    for step in [READ, FETCH, LOOK, PUSH] {
        for (status, headers) in [
            (401, vec![]),
            (403, vec![]),
            (403, vec![("retry-after", "17")]),
            (404, vec![]),
            (301, vec![("location", "https://elsewhere.example.com/")]),
            (429, vec![("retry-after", "30")]),
        ] {
            let us = Us::at(&server.url());
            server.next(step, Mood::Status(status, headers.clone()));
            let error = us.sync(&[("acme.yaml", Some("a"))]).await.unwrap_err();
            assert_discreet(&error);
            let waits = !headers.is_empty() && status != 301;
            let as_it_should = match &error {
                GitError::CredentialsRefused { status: seen, .. } => *seen == status && !waits,
                GitError::NoRepository { .. } => status == 404 || status == 301,
                GitError::Unreachable { retry_after: Some(_), .. } => waits,
                _ => false,
            };
            assert!(as_it_should, "{step} {status}: {error:?}");
            let fault = Fault::from(error);
            let wait = match status {
                429 => Some(30),
                403 if waits => Some(17),
                _ => None,
            };
            assert_eq!(fault.retry_after, wait, "{step} {status}");
            let class = if waits { ErrorClass::RateLimited } else { ErrorClass::AccountRefused };
            assert_eq!(fault.class, class, "{step} {status}");
        }
    }
    assert_eq!(remote.count("main"), 2);
}

#[tokio::test]
async fn wrong_credentials_are_refused_by_name() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    for credentials in [None, Some(tenantry_git::Credentials { user: "x".into(), token: "wr0ng-t0k3n".into() })] {
        let repository =
            Repository::new(tenantry_git::Settings { credentials, ..settings(&server.url(), &us.cache) }).unwrap();
        let error = repository.read("").await.unwrap_err();
        assert!(error.to_string().contains("refuses our credentials for reading (HTTP 401)"), "{error}");
        assert!(!format!("{error:?} {repository:?}").contains("wr0ng-t0k3n"));
    }
}

#[tokio::test]
async fn a_server_that_fails_or_falls_silent_while_we_read_is_unreachable() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    for step in [READ, FETCH] {
        for mood in
            [Mood::Status(500, vec![]), Mood::Status(503, vec![]), Mood::Deaf, Mood::Cut, Mood::Mute, Mood::Hang]
        {
            let us = Us::at(&server.url());
            let mut settings = settings(&server.url(), &us.cache);
            settings.timeout = Duration::from_millis(if matches!(mood, Mood::Hang) { 300 } else { 20_000 });
            let repository = Repository::new(settings).unwrap();
            server.next(step, mood.clone());
            let error = repository.read("").await.unwrap_err();
            assert_discreet(&error);
            assert!(matches!(error, GitError::Unreachable { .. }), "{step} {mood:?}: {error:?}");
            assert_eq!(us.repository.read("").await.unwrap().files.len(), 2, "and the next run succeeds");
        }
        server.next(step, Mood::Page);
        let us = Us::at(&server.url());
        assert!(matches!(us.repository.read("").await, Err(GitError::NoRepository { .. })));
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable_and_no_folder_is_no_repository() {
    let remote = Remote::empty();
    let url = Server::of(&remote).await.url();
    let error = Us::at(&url).repository.read("").await;
    // The server ends with its value; whoever asks afterwards finds a closed port or a connection that ends.
    assert!(matches!(error, Err(GitError::Unreachable { .. })), "{error:?}");
    assert_eq!(Fault::from(error.unwrap_err()).class, ErrorClass::TimeoutError);
    let error = Us::at("/no/such/folder.git").repository.read("").await;
    assert!(matches!(error, Err(GitError::NoRepository { .. })), "{error:?}");
}

#[tokio::test]
async fn a_push_that_was_taken_without_an_answer_is_found_again_and_not_repeated() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    for (at, mood) in [Mood::Mute, Mood::Cut].into_iter().enumerate() {
        let us = Us::at(&server.url());
        server.next(PUSH, mood);
        let pushed = us.sync(&[("acme.yaml", Some(&format!("a: {at}\n")))]).await.unwrap();
        assert_eq!(pushed.commit.unwrap(), remote.git(&["rev-parse", "main"]));
        assert_eq!(remote.count("main"), 3 + at, "one commit each");
    }
    remote.assert_sound();
}

#[tokio::test]
async fn a_push_that_was_not_taken_is_sent_again() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    for (at, mood) in [Mood::Deaf, Mood::Status(502, vec![]), Mood::Page].into_iter().enumerate() {
        let us = Us::at(&server.url());
        server.next(PUSH, mood);
        let pushed = us.sync(&[("acme.yaml", Some(&format!("a: {at}\n")))]).await.unwrap();
        assert_eq!((pushed.commit.unwrap(), pushed.tries), (remote.git(&["rev-parse", "main"]), 2));
        assert_eq!(remote.count("main"), 3 + at);
    }
}

#[tokio::test]
async fn an_outcome_that_stays_unknown_is_said_and_the_next_run_finds_out() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    let failing = Mood::Status(503, vec![]);
    let unhappy =
        [vec![(READ, Mood::Well), (PUSH, Mood::Mute), (READ, failing.clone())], vec![(PUSH, failing.clone()); 8]];
    for (at, moods) in unhappy.into_iter().enumerate() {
        moods.into_iter().for_each(|(step, mood)| server.next(step, mood));
        let content = at.to_string();
        let files = [("acme.yaml", Some(content.as_str()))];
        let error = us.sync(&files).await.unwrap_err();
        assert_discreet(&error);
        assert!(matches!(error, GitError::UnknownOutcome { .. }), "{error:?}");
        assert_eq!(Fault::from(error).class, ErrorClass::TimeoutError, "it is simply run again");
        let landed = us.sync(&files).await.unwrap().commit.is_none();
        assert_eq!(landed, at == 0, "the first was taken, the others were not");
        assert_eq!(remote.subjects("main")[0], MESSAGE);
        assert_eq!(remote.count("main"), 3 + at);
    }
}

#[tokio::test]
async fn a_rule_against_what_we_do_ends_the_tries_with_the_servers_words() {
    let remote = Remote::with_others();
    // A lock that somebody left on the branch: git speaks as it does when another push is under way.
    std::fs::write(remote.path().join("refs/heads/main.lock"), "").unwrap();
    let us = Us::beside(&remote);
    let error = us.sync(&[("acme.yaml", Some("a"))]).await.unwrap_err();
    assert!(matches!(&error, GitError::Refused { sentence, .. } if sentence.contains("lock")), "{error:?}");
    std::fs::remove_file(remote.path().join("refs/heads/main.lock")).unwrap();
    assert!(us.sync(&[("acme.yaml", Some("a"))]).await.unwrap().commit.is_some());
}

#[tokio::test]
async fn an_address_with_a_password_is_refused_before_anything_is_done() {
    let us = Us::beside(&Remote::empty());
    for url in [format!("https://user:{TOKEN}@example.com/a.git"), format!("git@example.com:{TOKEN}.git")] {
        let error = Repository::new(settings(&url, &us.cache)).unwrap_err();
        assert!(matches!(error, GitError::Unusable { .. }));
        assert_discreet(&error);
    }
    assert!(us.repository.read(ROOT).await.is_err(), "the remote of this test is gone already");
}
