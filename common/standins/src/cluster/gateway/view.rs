//! The objects as the gateway sees them: as they are, or as they were a while ago.

use super::super::kind::Kind;
use super::super::world::World;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What the gateway follows.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    pub(super) gateways: Vec<Arc<Value>>,
    pub(super) services: Vec<Arc<Value>>,
    /// Those of the gateway's namespace.
    pub(super) secrets: Vec<Arc<Value>>,
}

impl View {
    fn of(world: &World, namespace: &str) -> View {
        View {
            gateways: world.list(Kind::Gateway, None).1,
            services: world.list(Kind::VirtualService, None).1,
            secrets: world.list(Kind::Secret, Some(namespace)).1,
        }
    }
}

/// Where views come from.
pub(super) struct Views {
    world: Arc<World>,
    namespace: String,
    late: Mutex<Late>,
}

#[derive(Default)]
struct Late {
    lag: Duration,
    /// Since when each was so, oldest first. Empty while nothing lags.
    seen: VecDeque<(Instant, Arc<View>)>,
}

impl Views {
    pub(super) fn new(world: Arc<World>, namespace: String) -> Views {
        Views { world, namespace, late: Mutex::default() }
    }

    /// What is followed now.
    pub(super) fn now(&self) -> Arc<View> {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if late.lag.is_zero() {
            return Arc::new(View::of(&self.world, &self.namespace));
        }
        let due = Instant::now().checked_sub(late.lag).unwrap_or_else(Instant::now);
        while late.seen.get(1).is_some_and(|(since, _)| *since <= due) {
            late.seen.pop_front();
        }
        late.seen.front().map(|(_, view)| Arc::clone(view)).unwrap_or_default()
    }

    /// Lags behind by so much from now on.
    pub(super) fn lag(&self, lag: Duration) {
        let present = Arc::new(View::of(&self.world, &self.namespace));
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.lag = lag;
        late.seen = if lag.is_zero() { VecDeque::new() } else { [(Instant::now(), present)].into() };
    }

    /// Something has changed: it is remembered since when, where that matters.
    pub(super) fn changed(&self) {
        if self.late.lock().unwrap_or_else(PoisonError::into_inner).lag.is_zero() {
            return;
        }
        let present = Arc::new(View::of(&self.world, &self.namespace));
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if !late.lag.is_zero() {
            late.seen.push_back((Instant::now(), present));
        }
    }
}
