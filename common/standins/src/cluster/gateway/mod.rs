//! An Istio gateway on two ports of its own: it follows the Gateways, VirtualServices and secrets there are.

mod answer;
mod doors;
mod routing;
mod tls;
mod view;

use super::Options;
use super::certificates::Authority;
use super::world::World;
use crate::background::Background;
use crate::http::Server;
use axum::Router;
use doors::{Arrivals, Arrived};
use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tls::Shown;
use tokio::sync::watch;
use view::Views;

/// How the gateway treats those who come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As the objects say.
    Serving,
    /// Its ports are closed: connections are refused, and those there are are reset.
    Refusing,
    /// It shakes hands, and answers 503 to everything.
    Unavailable,
}

/// The gateway.
pub(super) struct Gateway {
    world: Arc<World>,
    views: Arc<Views>,
    shown: Arc<Shown>,
    zone: Option<String>,
    background: Background,
    mood: watch::Sender<Mood>,
    /// How many of the two ports are closed.
    closed: watch::Sender<usize>,
    /// Plain and TLS.
    ports: watch::Sender<[u16; 2]>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Gateway").field("mood", &*self.mood.borrow()).finish_non_exhaustive()
    }
}

/// The running gateway with its servers.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) gateway: Arc<Gateway>,
    pub(super) http: SocketAddr,
    pub(super) https: SocketAddr,
    servers: [Server; 2],
}

impl Running {
    pub(super) async fn start(
        world: Arc<World>,
        authority: &Authority,
        options: &Options,
        background: Background,
    ) -> Result<Running> {
        let views = Arc::new(Views::new(Arc::clone(&world), options.gateway_namespace.clone()));
        let shown = Arc::new(Shown::new(Arc::clone(&views), options.canonical_zone.as_deref(), authority)?);
        let mut changed = world.listen();
        background.spawn({
            let views = Arc::clone(&views);
            async move {
                while changed.recv().await.is_some() {
                    views.changed();
                }
            }
        });
        let gateway = Arc::new(Gateway {
            world,
            views,
            shown: Arc::clone(&shown),
            zone: options.canonical_zone.clone(),
            background,
            mood: watch::Sender::new(Mood::Serving),
            closed: watch::Sender::new(0),
            ports: watch::Sender::new([0, 0]),
        });
        let plain = Arrivals::of(&gateway, Server::bind(options.http_port).await?, None)?;
        let secure = Arrivals::of(&gateway, Server::bind(options.https_port).await?, Some(shown.config()?))?;
        let (http, https) = (plain.address(), secure.address());
        gateway.ports.send_replace([http.port(), https.port()]);
        let serve = |arrivals: Arrivals| {
            let router = Router::new().fallback(answer::answer).with_state(Arc::clone(&gateway));
            let service = router.into_make_service_with_connect_info::<Arrived>();
            Server::run(watch::Sender::new(false), |closed| {
                axum::serve(arrivals, service).with_graceful_shutdown(closed).into_future()
            })
        };
        let servers = [serve(plain), serve(secure)];
        Ok(Running { gateway, http, https, servers })
    }

    /// Takes effect before this returns.
    pub(super) async fn mood(&self, mood: Mood) {
        self.gateway.mood.send_replace(mood);
        let wanted = if mood == Mood::Refusing { 2 } else { 0 };
        let mut closed = self.gateway.closed.subscribe();
        let _ = closed.wait_for(|closed| *closed == wanted).await;
    }

    pub(super) fn lag(&self, lag: Duration) {
        self.gateway.views.lag(lag);
    }

    pub(super) fn hold_certificates(&self, held: bool) {
        self.gateway.shown.hold(held);
    }

    pub(super) async fn stop(self) {
        for server in self.servers {
            server.stop().await;
        }
    }
}

/// Whether a host is this zone or lies below it.
fn below(host: &str, zone: &str) -> bool {
    host == zone || host.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}
