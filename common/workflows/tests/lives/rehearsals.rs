//! What the world may say to each life.

use serde_json::{Value, json};
use tenantry_kernel::{
    line::{Cancel, Common, LineData, LineEvent, LineTask, Lined},
    sim::Rehearsal,
};
use tenantry_model::{ErrorClass, Fault, MessageId, TenantId};
use tenantry_workflows::{
    drill::{self, Drill},
    email_delivery::{self, EmailDelivery, Plan},
    email_domain::{self, EmailDomain},
    orphan_report::{self, OrphanReport},
    sending_pause::{self, SendingPause},
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

/// All that may happen to a message.
pub(crate) struct Deliveries;

impl Rehearsal for Deliveries {
    type Life = EmailDelivery;

    fn starts() -> Vec<email_delivery::Data> {
        use email_delivery::{Data, Start};
        let begun = |start| Data { start, ..Data::default() };
        let nobody_knows = Some(Fault::new(ErrorClass::UnknownOutcome, "rehearsed"));
        vec![
            Data::default(),
            Data { wait: 60, ..Data::default() },
            begun(Start::Sent),
            begun(Start::Failed),
            Data { fault: nobody_knows, ..begun(Start::Unknown) },
        ]
    }

    fn answers(command: &email_delivery::Command) -> Vec<email_delivery::Event> {
        use email_delivery::Event::{Accepted, BatchNotAccepted, NotAccepted};
        let email_delivery::Command::Deliver(plan) = command;
        let fault = |class| Fault::new(class, "rehearsed");
        let alone = [
            Accepted,
            NotAccepted(fault(ErrorClass::EmailError)),
            NotAccepted(fault(ErrorClass::RateLimited)),
            NotAccepted(fault(ErrorClass::EmailRefused)),
            NotAccepted(fault(ErrorClass::UnknownOutcome)),
        ];
        let together = plan.batch.map(|_| BatchNotAccepted(fault(ErrorClass::EmailRefused)));
        alone.into_iter().chain(together).collect()
    }

    fn faults(_: &email_delivery::Command) -> Vec<Fault> {
        [ErrorClass::DatabaseError, ErrorClass::UnknownOutcome].map(|class| Fault::new(class, "rehearsed")).into()
    }

    fn turns(_: &email_delivery::Timer) -> Vec<email_delivery::Event> {
        use email_delivery::Event::{Admitted, Held, Refused, Suppressed};
        vec![
            Admitted(plan("primary", true)),
            Admitted(plan("fallback", false)),
            Suppressed { reason: "nobody wants it".into() },
            Refused(Fault::new(ErrorClass::ValidationError, "no address may be used")),
            Held { seconds: 60, reason: "every provider is down".into() },
        ]
    }

    fn wishes() -> Vec<email_delivery::Event> {
        use email_delivery::Event::{
            Bounced, CancelAsked, Complained, Delayed, Delivered, Dropped, Opened, Processed, RescheduleAsked, Withheld,
        };
        let by = || "ada".to_owned();
        let reason = || "rehearsed".to_owned();
        vec![
            CancelAsked { by: by() },
            RescheduleAsked { wait: 60, by: by() },
            Processed,
            Delayed { reason: reason() },
            Delivered,
            Bounced { reason: reason() },
            Complained,
            Dropped { reason: reason() },
            Withheld { reason: reason() },
            Opened,
        ]
    }

    fn replies(_: &email_delivery::Task) -> Vec<Value> {
        ["sent", "send_again", "give_up"].map(|action| json!({ "action": action })).into()
    }
}

pub(crate) fn plan(provider: &str, fallback: bool) -> Plan {
    Plan {
        provider: provider.into(),
        from: "noreply@acme.example.com".into(),
        from_name: None,
        reply_to: None,
        batch: fallback.then_some(uuid::Uuid::nil()),
        without: Vec::new(),
        fallback,
        idempotent: fallback,
        until: None,
        why: Vec::new(),
    }
}

/// All that may happen to a pause.
pub(crate) struct Pauses;

impl Rehearsal for Pauses {
    type Life = SendingPause;

    fn starts() -> Vec<sending_pause::Data> {
        vec![pause()]
    }

    fn answers(_: &sending_pause::Command) -> Vec<sending_pause::Event> {
        vec![sending_pause::Event::Opened { by: None }]
    }

    fn wishes() -> Vec<sending_pause::Event> {
        use sending_pause::Event::{Opened, ResumeAsked};
        vec![ResumeAsked { by: "ada".to_owned() }, Opened { by: Some("ada".to_owned()) }]
    }

    fn replies(_: &sending_pause::Task) -> Vec<Value> {
        ["resume", "keep_paused"].map(|action| json!({ "action": action })).into()
    }
}

pub(crate) fn pause() -> sending_pause::Data {
    sending_pause::Data { tenant: TenantId(uuid::Uuid::nil()), why: "rehearsed".into(), resumed_by: None, fault: None }
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

/// All that may happen to a domain.
pub(crate) struct Domains;

pub(crate) fn domain() -> email_domain::Data {
    let patience = std::time::Duration::from_secs(3600);
    email_domain::Data::new(TenantId::new(), "mail.acme.example".parse().unwrap(), patience, patience / 2)
}

/// A look that has found everything, or nothing.
pub(crate) fn dns(all: email_domain::Records) -> email_domain::Event {
    use email_domain::Records::{Complete, Incomplete};
    let missing = if all == Incomplete { vec!["TXT send.mail.acme.example".to_owned()] } else { Vec::new() };
    email_domain::Event::DnsSeen { all, sending: all, proven: all == Complete, held: true, missing }
}

pub(crate) fn provider(status: email_domain::AtProvider) -> email_domain::Event {
    email_domain::Event::ProviderSeen { status, reason: "the key does not fit".to_owned() }
}

impl Rehearsal for Domains {
    type Life = EmailDomain;

    const ANY_ORDER: bool = true;

    fn starts() -> Vec<email_domain::Data> {
        vec![domain()]
    }

    fn answers(command: &email_domain::Command) -> Vec<email_domain::Event> {
        use email_domain::{AtProvider, Command as C, Event as E, Records};
        let taken = || E::NameTaken { why: "somebody has it".into() };
        match command {
            C::ClaimName { .. } => vec![
                E::NameClaimed { clear: true },
                E::NameClaimed { clear: false },
                taken(),
                E::NameCoolsDown { seconds: 86_400 },
            ],
            C::CreateDomain => vec![E::DomainCreated, E::NameClaimed { clear: false }],
            C::CheckDns => {
                let missing = || vec!["TXT _tenantry.mail.acme.example".to_owned()];
                vec![
                    dns(Records::Complete),
                    dns(Records::Incomplete),
                    dns(Records::Unclear),
                    E::DnsSeen {
                        all: Records::Incomplete,
                        sending: Records::Complete,
                        proven: false,
                        held: true,
                        missing: missing(),
                    },
                    E::DnsSeen {
                        all: Records::Incomplete,
                        sending: Records::Incomplete,
                        proven: true,
                        held: false,
                        missing: missing(),
                    },
                ]
            }
            C::AskProvider => vec![E::VerificationAsked, provider(AtProvider::Verified), E::ProviderLost],
            C::LookAtProvider => {
                vec![
                    provider(AtProvider::Verified),
                    provider(AtProvider::Pending),
                    provider(AtProvider::Failed),
                    E::ProviderLost,
                ]
            }
            C::Activate => vec![E::Activated, E::NotActivated, taken()],
            C::FallBack => vec![E::FellBack],
            C::StopSending => vec![E::Stopped],
            C::CountLeaving => vec![E::Leaving { messages: 0 }, E::Leaving { messages: 3 }],
            C::DeleteDomain => vec![E::Deleted],
        }
    }

    fn wishes() -> Vec<email_domain::Event> {
        use email_domain::Event as E;
        let by = || "ada".to_owned();
        vec![E::DnsConfigured { by: by() }, E::RefreshAsked { by: by() }, E::ProviderTold, E::RemovalAsked { by: by() }]
    }

    fn replies(task: &email_domain::Task) -> Vec<Value> {
        let form = <EmailDomain as tenantry_kernel::Workflow>::form(task, &domain());
        let choices = form.schema["properties"]["action"]["oneOf"].as_array().unwrap();
        choices.iter().map(|choice| json!({ "action": choice["const"] })).collect()
    }
}

/// All that may happen to the report of domains that are nobody's.
pub(crate) struct Reports;

impl Rehearsal for Reports {
    type Life = OrphanReport;

    fn starts() -> Vec<orphan_report::Data> {
        vec![orphan_report::Data::default()]
    }

    fn answers(_: &orphan_report::Command) -> Vec<orphan_report::Event> {
        let listed = |orphans| orphan_report::Event::Listed {
            provider: "resend".into(),
            orphans,
            at: "2026-11-21T00:00:00Z".into(),
        };
        vec![listed(Vec::new()), listed(vec![orphan_report::Orphan { name: "acme.example".into(), id: "d_1".into() }])]
    }

    fn wishes() -> Vec<orphan_report::Event> {
        vec![orphan_report::Event::RefreshAsked, orphan_report::Event::StopAsked]
    }

    fn replies((): &()) -> Vec<Value> {
        Vec::new()
    }
}
