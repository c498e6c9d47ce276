//! What is seen on a terminal: colours, a bar, a form. A real one, by way of a pseudo-terminal.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::Stdio,
    time::Duration,
};

use nix::pty::{Winsize, openpty};
use serde_json::json;
use tokio::{process::Child, sync::watch, time::timeout};

use crate::{
    answers::{list, ok, run, task},
    stage::Stage,
};

/// The binary at a terminal, with somebody who reads and types.
struct Terminal {
    keys: File,
    screen: watch::Receiver<String>,
    child: Child,
}

impl Terminal {
    fn new(stage: &Stage, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let size = Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = stage.command(arguments);
        command.env("TERM", "xterm-256color").envs(variables.iter().copied());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let keys = File::from(pty.master);
        let mut master = keys.try_clone().unwrap();
        let (sender, screen) = watch::channel(String::new());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Ends with an error once nobody holds the other side.
            while let Ok(count @ 1..) = master.read(&mut bytes) {
                sender.send_modify(|screen| screen.push_str(&String::from_utf8_lossy(&bytes[..count])));
            }
        });
        Self { keys, screen, child }
    }

    async fn until(&mut self, text: &str) {
        let wait = timeout(Duration::from_secs(30), self.screen.wait_for(|screen| screen.contains(text)));
        let shown = matches!(wait.await, Ok(Ok(_)));
        assert!(shown, "{text:?} is never shown: {:?}", self.screen.borrow());
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// The exit code and everything that was shown.
    async fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().await.unwrap();
        // The thread hangs up when it has read everything.
        while self.screen.changed().await.is_ok() {}
        (status.code(), self.screen.borrow().clone())
    }
}

#[tokio::test]
async fn a_form_is_asked_field_by_field() {
    let stage = Stage::new().await;
    stage.on("GET /v1/tasks/tsk_1", ok(&task("open"))).on("POST /v1/tasks/tsk_1/answer", ok(&task("answered")));
    let mut terminal = Terminal::new(&stage, &["task", "answer", "tsk_1"], &[]);
    terminal.until("What shall be done?").await;
    terminal.press("\u{1b}[B\r");
    terminal.until("The right address").await;
    terminal.press("ada@acme.example\r");
    let (code, screen) = terminal.end().await;
    assert_eq!(code, Some(0), "{screen}");
    let answer = json!({ "action": "correct_address", "email": "ada@acme.example" });
    assert_eq!(stage.seen()[1].json(), json!({ "answer": answer }));
}

#[tokio::test]
async fn a_watched_run_moves_a_bar_and_ends_with_the_run() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/runs/run_1", ok(&run("running", "creating_tenant", 10, 1)))
        .on("GET /v1/runs/run_1?wait=20&since=1", ok(&run("completed", "completed", 100, 5)));
    let (code, screen) = Terminal::new(&stage, &["run", "watch", "run_1"], &[]).end().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("█") && screen.contains("creating_tenant"), "{screen:?}");
    assert!(screen.contains("adminUserId"), "{screen:?}");
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    let green = "\u{1b}[38;5;10m";
    for (variables, coloured) in [(vec![], true), (vec![("NO_COLOR", "1")], false), (vec![("TERM", "dumb")], false)] {
        let stage = Stage::new().await;
        stage.on("GET /v1/runs", list(&[run("completed", "completed", 100, 5)], None));
        let (code, screen) = Terminal::new(&stage, &["run", "list"], &variables).end().await;
        assert_eq!(code, Some(0), "{screen}");
        assert_eq!(screen.contains(green), coloured, "{variables:?}: {screen:?}");
        assert_eq!(screen.contains('\u{1b}'), coloured, "{variables:?}: {screen:?}");
    }
}

#[tokio::test]
async fn tables_fit_the_terminal() {
    let stage = Stage::new().await;
    stage.on("GET /v1/runs", list(&[run("completed", "completed", 100, 5)], None));
    let (_, screen) = Terminal::new(&stage, &["run", "list"], &[("NO_COLOR", "1")]).end().await;
    assert!(screen.lines().all(|line| line.trim_end().chars().count() <= 100), "{screen}");
}
