//! NSD, a name server that is not ours, with zones of a test's choice.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::wait::until;

/// Zones: each one's name and its text, as in a BIND file. A zone without a text is one that the server has, and cannot
/// load: it answers SERVFAIL.
pub type Zones<'a> = &'a [(String, Option<String>)];

/// Ends the server as soon as its own standard input ends: whatever becomes of the test, nothing stays behind.
const GUARD: &str = r#""$@" & server=$!; read -r _; kill "$server"; wait "$server""#;

/// A running server; it ends with this handle.
pub struct NameServer {
    address: SocketAddr,
    guard: Child,
    folder: TempDir,
}

impl NameServer {
    /// Servers on one port of several loopback addresses, each with zones of its own. They answer when this returns.
    ///
    /// # Panics
    /// One does not start, or finds fault with a zone: with its log.
    pub async fn start(nsd: &Path, servers: &[(Ipv4Addr, Zones<'_>)]) -> Vec<NameServer> {
        let addresses: Vec<Ipv4Addr> = servers.iter().map(|(address, _)| *address).collect();
        // Somebody may take the port before the server does.
        for _ in 0..10 {
            let port = free_port(&addresses);
            let mut started = Vec::new();
            for (address, zones) in servers {
                let server = NameServer::run(nsd, SocketAddr::from((*address, port)), zones);
                if server.is_up().await {
                    started.push(server);
                }
            }
            if started.len() == servers.len() {
                return started;
            }
        }
        panic!("no port was free for NSD");
    }

    /// Where it answers, by UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its configuration, zones and log are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn run(nsd: &Path, address: SocketAddr, zones: Zones<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("nsd.conf"), configuration(folder.path(), address, zones)).unwrap();
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(nsd)
            .arg("-d")
            .arg("-c")
            .arg(folder.path().join("nsd.conf"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("errors")).unwrap())
            .spawn()
            .expect("a shell");
        Self { address, guard, folder }
    }

    /// Waits until it answers; false when its port was taken.
    async fn is_up(&self) -> bool {
        until("NSD to start", async || {
            let log = self.log();
            if log.contains("Address already in use") {
                return Some(false);
            }
            assert!(!log.contains("error"), "NSD on {} does not do as it is told:\n{log}", self.address);
            log.contains("nsd started").then_some(true)
        })
        .await
    }

    fn log(&self) -> String {
        let text = |name: &str| fs::read(self.folder.path().join(name)).unwrap_or_default();
        ["log", "errors"].map(|name| String::from_utf8_lossy(&text(name)).into_owned()).concat()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// A port that is free at every address, for UDP and TCP.
fn free_port(addresses: &[Ipv4Addr]) -> u16 {
    let free = |_| {
        let port = TcpListener::bind((addresses[0], 0)).ok()?.local_addr().ok()?.port();
        let free = |address: &Ipv4Addr| {
            TcpListener::bind((*address, port)).is_ok() && UdpSocket::bind((*address, port)).is_ok()
        };
        addresses.iter().all(free).then_some(port)
    };
    (0..50).find_map(free).expect("a free port")
}

/// No limit of rate, no rights given up, nothing outside the folder, one process to answer.
fn configuration(folder: &Path, address: SocketAddr, zones: Zones<'_>) -> String {
    let at = folder.display();
    let mut text = format!(
        "server:\n ip-address: {}@{}\n server-count: 1\n do-ip6: no\n username: \"\"\n chroot: \"\"\n database: \"\"\n \
         zonesdir: \"{at}\"\n xfrdir: \"{at}\"\n xfrdfile: \"{at}/xfrd.state\"\n zonelistfile: \"{at}/zone.list\"\n \
         pidfile: \"{at}/nsd.pid\"\n logfile: \"{at}/log\"\n hide-version: yes\n rrl-ratelimit: 0\n \
         rrl-whitelist-ratelimit: 0\nremote-control:\n control-enable: no\n",
        address.ip(),
        address.port(),
    );
    for (number, (name, zone)) in zones.iter().enumerate() {
        text += &format!("zone:\n name: \"{name}\"\n");
        if let Some(zone) = zone {
            fs::write(folder.join(format!("{number}.zone")), zone).unwrap();
            text += &format!(" zonefile: \"{at}/{number}.zone\"\n");
        }
    }
    text
}
