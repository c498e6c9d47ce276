//! What the world may say to each life.

use serde_json::{Value, json};
use tenantry_kernel::{
    line::{Cancel, Common, LineData, LineEvent, LineTask, Lined},
    sim::Rehearsal,
};
use tenantry_model::{MessageId, TenantId};
use tenantry_workflows::{
    drill::{self, Drill},
    tenant_onboarding::{AdminUser, Command, Credential, Data, Event, Input, TenantOnboarding, Update},
};

/// All that may happen to a drill.
pub(crate) struct Drills;

impl Rehearsal for Drills {
    type Life = Drill;

    fn starts() -> Vec<drill::Data> {
        vec![drill::Data::default()]
    }

    fn answers(_: &drill::Command) -> Vec<drill::Event> {
        vec![drill::Event::Echoed]
    }

    fn wishes() -> Vec<drill::Event> {
        vec![drill::Event::CancelAsked]
    }

    fn replies((): &()) -> Vec<Value> {
        Vec::new()
    }
}

/// All that may happen to an onboarding.
pub(crate) struct Onboardings;

impl Rehearsal for Onboardings {
    type Life = Lined<TenantOnboarding>;

    fn starts() -> Vec<LineData<Data>> {
        vec![onboarding()]
    }

    fn answers(command: &Command) -> Vec<LineEvent<Event>> {
        let event = match command {
            Command::CreateTenant { .. } => Event::TenantCreated { created_at: "2026-11-21T00:00:00Z".into() },
            Command::CreateAdminUser { .. } => Event::AdminUserCreated,
            Command::SetUpTenant { .. } => Event::TenantActivated,
            Command::SendWelcome { tenant, .. } => Event::WelcomeSent { message: MessageId(tenant.0) },
            Command::CorrectAddress { .. } => Event::AddressCorrected,
            Command::RemoveSettings { .. } => Event::SettingsRemoved,
            Command::RemoveAdminUser { .. } => Event::AdminUserRemoved,
            Command::RemoveTenant { .. } => Event::TenantRemoved,
        };
        vec![LineEvent::Own(event)]
    }

    fn wishes() -> Vec<LineEvent<Event>> {
        let updates = [
            Update::TenantName("Acme Two".parse().unwrap()),
            Update::CompanyName("Acme Ltd".parse().unwrap()),
            Update::FirstName("Grace".parse().unwrap()),
            Update::Email("grace@customer.example".parse().unwrap()),
        ];
        let own = updates.map(|update| LineEvent::Own(Event::UpdateAsked(update)));
        own.into_iter().chain([LineEvent::Common(cancel())]).collect()
    }

    fn replies(task: &LineTask<tenantry_workflows::tenant_onboarding::Leg>) -> Vec<Value> {
        match task {
            LineTask::UndoStuck(_) => vec![json!({"action": "retry"}), json!({"action": "close"})],
            LineTask::Decide(tenantry_workflows::tenant_onboarding::Leg::SendingWelcomeEmail) => vec![
                json!({"action": "resend"}),
                json!({"action": "correct_address", "email": "right@customer.example"}),
                json!({"action": "give_up"}),
            ],
            LineTask::Decide(_) => vec![json!({"action": "resend"})],
        }
    }
}

pub(crate) fn cancel() -> Common {
    Common::CancelAsked(Cancel { reason: "typed by mistake".into(), cancelled_by: "ada".into() })
}

pub(crate) fn onboarding() -> LineData<Data> {
    let admin_user = AdminUser {
        first_name: "Ada".parse().unwrap(),
        last_name: "Lovelace".parse().unwrap(),
        email: "ada@customer.example".parse().unwrap(),
    };
    let input = Input {
        tenant_name: "Acme".parse().unwrap(),
        admin_user,
        company_name: None,
        contract_line: Default::default(),
        external_key: None,
    };
    let mut data = Data::new(input, Credential::Password);
    data.own.tenant = TenantId(uuid::Uuid::nil());
    data.own.admin_user = uuid::Uuid::nil().into();
    data.own.company = uuid::Uuid::nil().into();
    data
}

pub(crate) fn to_active() -> [Event; 3] {
    [
        Event::TenantCreated { created_at: "2026-11-21T00:00:00Z".into() },
        Event::AdminUserCreated,
        Event::TenantActivated,
    ]
}
