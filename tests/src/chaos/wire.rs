//! The line to the database. It is cut at random: before a statement arrives, or after it took effect and before the
//! answer is heard, which no restart of the database hits as often.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

/// A forwarder on loopback; stops when dropped.
pub(super) struct Wire {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

struct State {
    seed: u64,
    /// The probability of a cut at each packet, as bits of an `f64`.
    probability: AtomicU64,
    connections: AtomicU64,
    cuts: AtomicU64,
}

impl Wire {
    /// Listens on a free port and forwards to `port`.
    pub(super) async fn to(port: u16, seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let counter = AtomicU64::default;
        let state = Arc::new(State { seed, probability: counter(), connections: counter(), cuts: counter() });
        let mut tasks = JoinSet::new();
        let forwarding = state.clone();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let number = forwarding.connections.fetch_add(1, Ordering::Relaxed);
                open.spawn(forward(client, port, forwarding.clone(), number));
                while open.try_join_next().is_some() {}
            }
        });
        Self { address, state, _tasks: tasks }
    }

    /// From now on each packet is cut with this probability.
    pub(super) fn cut(&self, probability: f64) {
        self.state.probability.store(probability.to_bits(), Ordering::Relaxed);
    }

    /// How often it was cut.
    pub(super) fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::Relaxed)
    }
}

async fn forward(client: TcpStream, port: u16, state: Arc<State>, number: u64) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let seed = state.seed ^ number.rotate_left(32);
    // Whichever way ends first takes the other with it.
    tokio::select! {
        () = carry(from_client, to_server, &state, seed) => {}
        () = carry(from_server, to_client, &state, !seed) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut packet = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut packet).await {
        if rng.f64() < f64::from_bits(state.probability.load(Ordering::Relaxed)) {
            state.cuts.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if to.write_all(&packet[..length]).await.is_err() {
            return;
        }
    }
}
