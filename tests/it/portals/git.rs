//! The repository: others write to it, it is away, it refuses, our copy of it is broken. What is there is right in the end, a commit for
//! each change, and nothing of anybody else is touched.

use local::Run;
use serde_json::json;
use tenantry_model::RunId;
use tenantry_standins::cluster::Kind;
use tenantry_tests::{
    TestStack,
    portals::{
        PORTALS,
        by_hand::{BY_HAND, NOBODY, WHOLE},
        git,
    },
    wait::until,
};
use tenantry_workflows::portal_sync::{Carry, Event};

/// What a tenant reads while we cannot write.
const OURS: &str = "Our gateway cannot be changed at the moment. We try again by ourselves.";

/// Files of others, in our folder and beside it.
const OTHERS: [(&str, &str); 3] = [
    ("README.md", "theirs"),
    ("portal-domains/README.md", "theirs"),
    ("portal-domains/canary.yaml", "kind: ConfigMap\n"),
];

fn others_are_untouched(stack: &TestStack) {
    for (path, text) in OTHERS {
        assert_eq!(stack.git(&["show", &format!("main:{path}")]), text, "{path}");
    }
    stack.git(&["fsck", "--strict", "--full"]);
    assert_eq!(stack.git(&["rev-list", "--min-parents=2", "main"]), "", "nobody merges");
}

/// The operators are told, the hostname waits, and nothing of it is in the cluster.
async fn waits(stack: &TestStack, run: RunId) -> String {
    stack.portals_in(&[run], "applying").await;
    let told = until("the operators to be told", || async {
        let told = stack.operators_heard(run).await;
        if told.is_empty() {
            stack.hurry(run).await;
        }
        told.into_iter().next()
    })
    .await;
    let portal = stack.portal(run).await;
    assert_eq!(
        (portal.result["message"].as_str(), portal.result["status"].as_str()),
        (Some(OURS), Some("pending_certificate"))
    );
    assert_eq!(stack.cluster().get(&stack.object(run, Kind::Certificate)), None, "the repository comes first");
    told
}

#[tokio::test]
async fn whatever_happens_to_the_repository_it_is_right_in_the_end_and_others_keep_their_files() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(4).await;
    stack.other_pushes(&OTHERS);

    // Somebody pushes between our look and our push.
    let other = stack.other_clone(&[("apps/shop.yaml", "replicas: 2\n")]);
    stack.overtake(other.path());
    let first = stack.set_and_point(&tenants[..1], 1).await[0];
    stack.portals_in(&[first], "active").await;
    stack.unhook("pre-receive");
    let sync = |n| format!("chore(portal-domains): sync acme-{n}");
    assert_eq!(stack.subjects("main"), [sync(1), "other".to_owned(), "other".to_owned()]);
    assert_eq!(stack.git(&["show", "main:apps/shop.yaml"]), "replicas: 2\n");
    others_are_untouched(&stack);

    // It is away, and comes back.
    let (here, away) = (stack.repository().to_owned(), stack.repository().with_extension("away"));
    std::fs::rename(&here, &away).unwrap();
    let second = stack.set_and_point(&tenants[1..2], 2).await[0];
    let told = waits(&stack, second).await;
    assert!(told.contains("git repository"), "{told}");
    assert_eq!(stack.portal_status(first).await, "active", "what is live stays so");
    std::fs::rename(&away, &here).unwrap();
    stack.portals_in(&[second], "active").await;
    assert_eq!(stack.subjects("main")[..2], [sync(2), sync(1)]);

    // The server refuses the push, and says why.
    stack.hook("pre-receive", "echo 'main is frozen until Monday' >&2; exit 1");
    let third = stack.set_and_point(&tenants[2..3], 3).await[0];
    let told = waits(&stack, third).await;
    assert!(told.contains("frozen until Monday") || told.contains("pre-receive hook declined"), "{told}");
    stack.unhook("pre-receive");
    stack.portals_in(&[third], "active").await;
    assert_eq!(stack.subjects("main")[..2], [sync(3), sync(2)]);

    // A run was killed while it wrote to the copy, and the disk was full.
    let copy = std::path::PathBuf::from(stack.stack.environment.get("PORTAL_DOMAIN_CACHE").unwrap()).join("mirror.git");
    let mut harmed = 0;
    for file in files_below(&copy) {
        std::fs::write(&file, "half").or_else(|_| std::fs::remove_file(&file)).unwrap();
        harmed += 1;
    }
    assert!(harmed > 2, "there is a copy");
    std::fs::write(copy.join("index.lock"), "").unwrap();
    std::fs::write(copy.join("HEAD.lock"), "").unwrap();
    let fourth = stack.set_and_point(&tenants[3..], 4).await[0];
    stack.portals_in(&[fourth], "active").await;
    assert_eq!(stack.subjects("main")[..2], [sync(4), sync(3)]);
    others_are_untouched(&stack);

    // Our own files are ours: what somebody makes of one is overwritten by the next turn, and nothing else is.
    let ours = stack.git(&["show", "main:portal-domains/acme-1.yaml"]);
    let edited = ours.replace("portal.acme-1.test", "portal.evil.test");
    assert_ne!(edited, ours);
    stack.other_pushes(&[("portal-domains/acme-1.yaml", &edited)]);
    assert_eq!(stack.turn().await, "resting");
    assert_eq!(stack.subjects("main")[..3], [sync(1), "other".to_owned(), sync(4)]);
    assert_eq!(stack.git(&["show", "main:portal-domains/acme-1.yaml"]), ours);
    others_are_untouched(&stack);

    // Gone from the folder when it is gone.
    stack.signal(fourth, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.portals_in(&[fourth], "disabled").await;
    let left = stack.git(&["ls-tree", "-r", "--name-only", "main", "portal-domains/"]);
    let names: Vec<&str> = left.lines().map(|name| name.trim_start_matches("portal-domains/")).collect();
    assert_eq!(names, ["README.md", "acme-1.yaml", "acme-2.yaml", "acme-3.yaml", "canary.yaml"]);
    others_are_untouched(&stack);
    stack.nothing_unexpected().await;
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

#[tokio::test]
async fn a_hundred_hostnames_are_one_commit_and_a_pull_request_has_a_branch_of_its_own() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let runs = stack.wanted_portals(100).await;
    let parts = stack.reconciler(&[]).await;
    let event = stack.reconcile(&parts, WHOLE, None).await;
    let Event::Reconciled { summary, held: None, more: false, .. } = event else { panic!("{event:?}") };
    assert_eq!((summary.created, summary.files, summary.refused), (300, 100, 0));
    assert_eq!(stack.subjects("main"), ["chore(portal-domains): sync host-00001 and 99 more"]);
    assert_eq!(summary.commit.unwrap(), stack.git(&["rev-parse", "main"]).trim());
    assert_eq!(stack.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(), 100);
    assert_eq!((stack.objects(), stack.applies()), (300, 300));
    insta::assert_snapshot!("a_file", stack.git(&["show", "main:portal-domains/host-00042.yaml"]));
    insta::assert_snapshot!("a_commit", stack.git(&["show", "-s", "--format=%an <%ae>%n%cn <%ce>%n%s", "main"]));

    // Nothing has changed: no commit, no call that writes.
    let event = stack.reconcile(&parts, WHOLE, None).await;
    let Event::Reconciled { summary, .. } = event else { panic!("{event:?}") };
    assert_eq!((summary.created, summary.changed, summary.unchanged, summary.files), (0, 0, 300, 0));
    assert_eq!((summary.commit, stack.subjects("main").len(), stack.applies()), (None, 1, 300));

    // For a pull request: the branch is of its own, and main stays.
    let main = stack.git(&["rev-parse", "main"]);
    stack.retire_portals(&runs[..1]).await;
    let review = stack
        .reconciler(&[("PORTAL_DOMAIN_CLUSTER", "off"), ("PORTAL_DOMAIN_GIT_PULL_REQUEST", "portals/changes")])
        .await;
    for _ in 0..2 {
        let event = stack.reconcile(&review, WHOLE, None).await;
        let Event::Reconciled { .. } = event else { panic!("{event:?}") };
        assert_eq!(stack.git(&["rev-parse", "main"]), main, "main is for whoever merges");
        assert_eq!(
            stack.git(&["log", "--format=%s", "main..portals/changes"]),
            "chore(portal-domains): sync host-00001\n"
        );
    }
    assert_eq!(
        stack.git(&["diff", "--stat", "--summary", "main", "portals/changes"]).matches("delete mode").count(),
        1
    );
    // An operator asks for one, though changes usually go to main.
    let once = Carry { commit: true, pull_request: true, apply: false };
    let event = stack.reconcile(&parts, once, None).await;
    let Event::Reconciled { summary, .. } = event else { panic!("{event:?}") };
    assert_eq!(summary.branch.as_deref(), Some("tenantry/portal-domains"));
    assert_eq!(stack.git(&["rev-parse", "main"]), main);
    let branches = git(stack.repository(), &["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
    assert_eq!(branches.lines().collect::<Vec<_>>(), ["main", "portals/changes", "tenantry/portal-domains"]);
}
