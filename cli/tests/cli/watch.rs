use insta::assert_snapshot;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;

use crate::{
    answers::{list, never, ok, problem, run},
    stage::Stage,
};

#[tokio::test]
async fn on_a_pipe_every_change_is_a_line() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)))
        .on("GET /v1/runs/run_1?wait=20&since=1", ok(&run("running", "creating_admin_user", 40, 2)))
        // No news: the API's wait ran out.
        .on("GET /v1/runs/run_1?wait=20&since=2", ok(&run("running", "creating_admin_user", 40, 2)))
        .on("GET /v1/runs/run_1?wait=20&since=2", ok(&run("completed", "completed", 100, 5)));

    let ran = stage.run(&["run", "watch", "run_1"]).await;

    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_snapshot!("watched", ran.out);
}

#[tokio::test]
async fn json_is_the_run_at_its_end() {
    let stage = Stage::new().await;
    let cancelled = run("cancelled", "cancelled", 40, 5);
    stage
        .on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)))
        .on("GET /v1/runs/run_1?wait=20&since=1", ok(&cancelled));

    let ran = stage.run(&["run", "watch", "run_1", "--json"]).await;

    assert_eq!((ran.code, ran.out), (Some(1), format!("{cancelled}\n")));
    let problem: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(problem["code"], "run_cancelled");
}

#[tokio::test]
async fn a_person_is_waited_for_only_when_that_is_wanted() {
    let stage = Stage::new().await;
    let waiting = || ok(&run("waiting", "sending_welcome_email", 85, 6));
    // Whoever may not see tasks still reads how the run stands.
    stage
        .on("GET /v1/runs/run_1", waiting())
        .on("GET /v1/tasks?run=run_1&limit=1", problem(403, "permission_missing", json!({})));
    let ran = stage.run(&["run", "watch", "run_1"]).await;
    assert!(ran.code == Some(3) && ran.err.contains("tenantry task list --run run_1"), "{}", ran.err);

    stage
        .on("GET /v1/runs/run_1", waiting())
        .on("GET /v1/runs/run_1?wait=20&since=6", ok(&run("completed", "completed", 100, 8)));
    assert_eq!(stage.run(&["run", "watch", "run_1", "--past-tasks"]).await.code, Some(0));
}

#[tokio::test]
async fn patience_ends_with_3_and_asks_for_no_longer_than_is_left() {
    let stage = Stage::new().await;
    stage.on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)));
    assert_eq!(stage.run(&["run", "watch", "run_1", "--wait", "0"]).await.code, Some(3));

    stage
        .on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)))
        .on("GET /v1/runs/run_1?wait=5&since=1", ok(&run("completed", "completed", 100, 5)));
    assert_eq!(stage.run(&["run", "watch", "run_1", "--wait", "5"]).await.code, Some(0));
}

#[tokio::test]
async fn trouble_on_the_way_says_that_the_run_goes_on() {
    let stage = Stage::new().await;
    stage.on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)));
    stage.on("GET /v1/runs/run_1?wait=20&since=1", problem(500, "internal_error", json!({})));
    let ran = stage.run(&["run", "watch", "run_1"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("The run goes on; follow it with: tenantry run watch run_1"), "{}", ran.err);
}

#[tokio::test]
async fn an_interruption_leaves_the_run_alone_and_says_how_to_go_on() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)))
        .on("GET /v1/runs/run_1?wait=20&since=1", never());
    let child = stage.command(&["run", "watch", "run_1"]).spawn().unwrap();
    stage.until_seen(2).await;

    kill(Pid::from_raw(child.id().unwrap().try_into().unwrap()), Signal::SIGINT).unwrap();

    let ran = stage.ran(&child.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(130));
    assert!(ran.err.contains("tenantry run watch run_1"), "{}", ran.err);
}

#[tokio::test]
async fn a_list_of_tasks_that_is_empty_does_not_hide_that_a_person_is_asked() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/runs/run_1", ok(&run("waiting", "sending_welcome_email", 85, 6)))
        .on("GET /v1/tasks?run=run_1&limit=1", list(&[], None));
    assert_eq!(stage.run(&["run", "watch", "run_1"]).await.code, Some(3));
}
