//! A repository in a folder of this machine, served by the `git` program: hooks run, and references are locked, as
//! they would be on a server.

use std::{io, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::timeout,
};

use super::{Failed, Service};
use crate::{GitError, error::quoted};

#[derive(Debug)]
pub(crate) struct Local {
    path: PathBuf,
    patience: Duration,
}

impl Local {
    pub(super) fn new(path: PathBuf, patience: Duration) -> Self {
        Self { path, patience }
    }

    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) async fn advert(&self, service: Service) -> Result<Vec<u8>, Failed> {
        self.run(service, Some("--advertise-refs"), Vec::new()).await
    }

    pub(super) async fn call(&self, service: Service, question: Vec<u8>) -> Result<Vec<u8>, Failed> {
        self.run(service, None, question).await
    }

    async fn run(&self, service: Service, option: Option<&str>, question: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let mut command = Command::new("git");
        command.arg(service.program().trim_start_matches("git-")).arg("--stateless-rpc").args(option).arg(&self.path);
        // Who is called from a hook has these, and they name another repository.
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_QUARANTINE_PATH",
            "GIT_PROTOCOL",
        ] {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().map_err(|source| Failed {
            heard: false,
            error: GitError::Local {
                saw: "a repository in a folder needs the git program, which could not be started".to_owned(),
                source: Some(source.into()),
            },
        })?;
        match timeout(self.patience, talk(child, question)).await {
            Ok(Ok((true, answer, _))) => Ok(answer),
            Ok(Ok((false, _, said))) => Err(Failed {
                heard: true,
                error: GitError::NoRepository { remote: self.shown(), saw: format!("git said {:?}", quoted(&said)) },
            }),
            Ok(Err(error)) => Err(self.unreachable("the git program broke off", Some(error))),
            Err(_) => Err(self.unreachable("the git program did not answer in time", None)),
        }
    }

    fn unreachable(&self, saw: &str, source: Option<io::Error>) -> Failed {
        let source = source.map(Into::into);
        let error = GitError::Unreachable { remote: self.shown(), saw: saw.to_owned(), retry_after: None, source };
        Failed { error, heard: true }
    }
}

/// Asks, and reads both answers at the same time: a full pipe would stop both sides.
async fn talk(mut child: Child, question: Vec<u8>) -> io::Result<(bool, Vec<u8>, String)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut answer, mut said) = (Vec::new(), Vec::new());
    let ask = async {
        if let Some(mut stdin) = stdin {
            // A program that has heard enough closes its side; what it says then is what counts.
            let _ = stdin.write_all(&question).await;
        }
    };
    let hear = async {
        match stdout {
            Some(mut stdout) => stdout.read_to_end(&mut answer).await,
            None => Ok(0),
        }
    };
    let listen = async {
        match stderr {
            Some(mut stderr) => stderr.read_to_end(&mut said).await,
            None => Ok(0),
        }
    };
    let ((), heard, listened) = tokio::join!(ask, hear, listen);
    heard?;
    listened?;
    let status = child.wait().await?;
    Ok((status.success(), answer, String::from_utf8_lossy(&said).into_owned()))
}
