//! Waits that last minutes and hours are over after a moment, so that what comes after them is lived through, too.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{sync::oneshot, task::JoinHandle};

use super::world::World;

/// As long as any wait of a message or of a provider's circuit breaker lasts here.
const MOMENT: Duration = Duration::from_secs(1);

/// The hurry, until it is stopped.
pub(super) struct Haste {
    stop: oneshot::Sender<()>,
    work: JoinHandle<()>,
}

impl Haste {
    pub(super) fn start(world: &Arc<World>) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let sql = world.superuser();
        let work = tokio::spawn(async move {
            while stopped.try_recv().is_err() {
                // The database may be away.
                let _ = hurry(&sql).await;
                tokio::time::sleep(MOMENT).await;
            }
            sql.close().await;
        });
        Self { stop, work }
    }

    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        self.work.await.expect("the hurry does not panic");
    }
}

/// Nothing is said to anybody: time has passed.
async fn hurry(sql: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "update timers t set due_at = now() from runs r
         where r.id = t.run_id and r.kind = 'email_delivery' and t.name = 'WaitOver' and t.due_at > now() + interval '1 second';
         update mail_providers set health = jsonb_set(health, '{breaker,until}', to_jsonb(to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')))
         where health #>> '{breaker,is}' = 'open'",
    )
    .execute(sql)
    .await?;
    Ok(())
}
