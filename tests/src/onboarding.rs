//! An onboarding to start.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tenantry_kernel::{advance, line::Lined};
use tenantry_model::RunId;
use tenantry_store::{
    Db,
    runs::{self, NewRun, Started},
};
use tenantry_workflows::tenant_onboarding::{Credential, Data, Input, TenantOnboarding};

/// What an onboarding is started with. Every one is of another tenant.
#[derive(Debug, Clone)]
pub struct Onboard {
    pub tenant_name: String,
    pub email: String,
    pub company: Option<String>,
    pub external_key: Option<String>,
    pub credential: Credential,
}

impl Onboard {
    /// Another tenant, each time.
    pub fn another() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            tenant_name: format!("Tenant {n}"),
            email: format!("admin@tenant-{n}.example"),
            company: Some(format!("Company {n}")),
            external_key: None,
            credential: Credential::Password,
        }
    }

    /// As the API takes it.
    pub fn json(&self) -> Value {
        json!({
            "tenantName": self.tenant_name,
            "adminUser": { "firstName": "Ada", "lastName": "Lovelace", "email": self.email },
            "companyName": self.company,
            "externalKey": self.external_key,
        })
    }

    /// As the kernel takes it.
    pub fn input(&self) -> Input {
        serde_json::from_value(self.json()).expect("valid input")
    }

    /// Writes the run, without sending its hints.
    pub async fn write(&self, db: &Db) -> (RunId, Vec<runs::Hint>) {
        let data = Data::new(self.input(), self.credential);
        let tenant = data.own.tenant;
        let new = NewRun {
            id: RunId::new(),
            kind: "tenant_onboarding",
            tenant: Some(tenant),
            external_key: self.external_key.clone(),
            started_by: "test".to_owned(),
            trace: None,
            change: advance::start::<Lined<TenantOnboarding>>(data),
        };
        let mut tx = db.begin().await.expect("a transaction");
        let started = runs::start(&mut tx, &new, db.timing()).await.expect("a run");
        tx.commit().await.expect("a commit");
        match started {
            Started::New(hints) => (new.id, hints),
            Started::Existing(id) => (id, Vec::new()),
        }
    }
}
