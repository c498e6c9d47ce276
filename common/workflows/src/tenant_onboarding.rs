//! Onboarding: a tenant, its company, its administrator, its settings, and the welcome mail.
//!
//! Reversible until the tenant is active; from then on nothing is ever removed automatically. All ids are chosen when
//! the run starts, so that every step can be run twice and a rollback removes exactly what this run has made.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Retry,
    line::{Line, LineData, Moment, OnFailure, Onward, Wish},
    named,
};
use tenantry_model::{
    CompanyId, CompanyName, ContractLine, EmailAddress, ErrorClass, ExternalKey, Fault, MessageId, PersonName,
    TenantId, TenantName, UserId,
};

/// The workflow, as a line.
pub struct TenantOnboarding;

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Tenant row (`provisioning`), company, their association.
    CreatingTenant,
    /// User, administrator's role, temporary password.
    CreatingAdminUser,
    /// Settings, defaults, portal host; the tenant becomes active.
    SettingUpData,
    /// The welcome mail, until the provider has accepted it.
    SendingWelcomeEmail,
}
named!(Leg: CreatingTenant, CreatingAdminUser, SettingUpData, SendingWelcomeEmail);

/// The first administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdminUser {
    /// Given name.
    pub first_name: PersonName,
    /// Family name.
    pub last_name: PersonName,
    /// Where the welcome mail goes; also the tenant's contact address.
    pub email: EmailAddress,
}

/// How the administrator gets in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// A temporary password, to be changed at the first login.
    #[default]
    Password,
    /// A single-use link, and no password at all.
    Invite,
}

/// What an onboarding is started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The tenant's name.
    pub tenant_name: TenantName,
    /// Its administrator.
    pub admin_user: AdminUser,
    /// Its first company, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<CompanyName>,
    /// Its plan.
    #[serde(default)]
    pub contract_line: ContractLine,
    /// The caller's own key: the same key is the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_key: Option<ExternalKey>,
}

/// What an onboarding knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// What it was started with, as updated since.
    pub input: Input,
    /// How the administrator gets in.
    pub credential: Credential,
    /// The tenant.
    pub tenant: TenantId,
    /// The administrator.
    pub admin_user: UserId,
    /// The company, in case one is named.
    pub company: CompanyId,
    /// When the tenant was created (RFC 3339).
    pub created_at: Option<String>,
    /// The welcome mail that was accepted.
    pub message: Option<MessageId>,
    /// A corrected address, until it stands in the rows.
    pub correction: Option<EmailAddress>,
}

impl Data {
    /// A new onboarding with fresh ids.
    #[must_use]
    pub fn new(input: Input, credential: Credential) -> LineData<Self> {
        LineData::new(Self {
            input,
            credential,
            tenant: TenantId::new(),
            admin_user: UserId::new(),
            company: CompanyId::new(),
            created_at: None,
            message: None,
            correction: None,
        })
    }
}

/// What an onboarding asks of the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// Tenant, company and association.
    CreateTenant {
        /// The tenant.
        tenant: TenantId,
        /// Its name.
        name: TenantName,
        /// Its contact address.
        email: EmailAddress,
        /// Its plan.
        contract_line: ContractLine,
        /// The caller's key.
        external_key: Option<ExternalKey>,
        /// Its company.
        company: Option<(CompanyId, CompanyName)>,
    },
    /// User, role and credential.
    CreateAdminUser {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
        /// Who.
        admin: AdminUser,
        /// How they get in.
        credential: Credential,
    },
    /// Settings and defaults; the tenant becomes active.
    SetUpTenant {
        /// The tenant.
        tenant: TenantId,
        /// Its default company.
        company: Option<CompanyId>,
    },
    /// The welcome mail.
    SendWelcome {
        /// The tenant.
        tenant: TenantId,
        /// To whom.
        user: UserId,
    },
    /// Another address for the administrator.
    CorrectAddress {
        /// The tenant.
        tenant: TenantId,
        /// Whose.
        user: UserId,
        /// The new address.
        email: EmailAddress,
    },
    /// Undoes [`Command::SetUpTenant`].
    RemoveSettings {
        /// The tenant.
        tenant: TenantId,
    },
    /// Undoes [`Command::CreateAdminUser`].
    RemoveAdminUser {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
    },
    /// Undoes [`Command::CreateTenant`].
    RemoveTenant {
        /// The tenant.
        tenant: TenantId,
        /// Its company.
        company: CompanyId,
    },
}

/// What an onboarding hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// The tenant's rows are there.
    TenantCreated {
        /// When (RFC 3339).
        created_at: String,
    },
    /// The administrator's rows are there.
    AdminUserCreated,
    /// The tenant is active.
    TenantActivated,
    /// The provider has accepted the welcome mail.
    WelcomeSent {
        /// The message.
        message: MessageId,
    },
    /// The rows hold the corrected address.
    AddressCorrected,
    /// The settings are gone.
    SettingsRemoved,
    /// The administrator is gone.
    AdminUserRemoved,
    /// The tenant is gone.
    TenantRemoved,
    /// Somebody wishes to change the input.
    UpdateAsked(Update),
    /// A person says: send it again.
    ResendChosen {
        /// Who.
        by: String,
    },
    /// A person says: to this address.
    AddressChosen {
        /// Which.
        email: EmailAddress,
        /// Who.
        by: String,
    },
    /// A person says: leave it.
    WelcomeGivenUp {
        /// Who.
        by: String,
    },
}

/// A change of one field of the input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value")]
pub enum Update {
    /// The tenant's name.
    #[serde(rename = "tenantName")]
    TenantName(TenantName),
    /// The company's name.
    #[serde(rename = "companyName")]
    CompanyName(CompanyName),
    /// The plan.
    #[serde(rename = "contractLine")]
    ContractLine(ContractLine),
    /// The administrator's given name.
    #[serde(rename = "adminUser.firstName")]
    FirstName(PersonName),
    /// The administrator's family name.
    #[serde(rename = "adminUser.lastName")]
    LastName(PersonName),
    /// The administrator's address, also the tenant's contact address.
    #[serde(rename = "adminUser.email")]
    Email(EmailAddress),
}

/// What somebody is told about an onboarding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// `tenant.onboarding_started`
    OnboardingStarted {
        /// The tenant.
        tenant: TenantId,
    },
    /// `tenant.created`: it is active.
    TenantCreated {
        /// The tenant.
        tenant: TenantId,
    },
    /// `tenant.onboarding_completed`
    OnboardingCompleted {
        /// The tenant.
        tenant: TenantId,
        /// Whether the welcome mail was accepted.
        email_sent: bool,
    },
    /// `tenant.onboarding_failed`
    OnboardingFailed {
        /// The tenant that was to be.
        tenant: TenantId,
        /// Why.
        class: Option<ErrorClass>,
    },
    /// The platform's operators are asked something.
    OperatorAsked {
        /// What.
        title: String,
        /// What happened.
        text: String,
    },
}

impl Line for TenantOnboarding {
    const KIND: &'static str = "tenant_onboarding";
    const VERSION: u32 = 1;
    const TOO_LATE: &'static str = "the tenant is active, and an active tenant is never removed automatically; \
                                    suspend or offboard it instead";

    type Leg = Leg;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Notice = Notice;

    fn on_failure(leg: Leg) -> OnFailure {
        match leg {
            Leg::CreatingTenant | Leg::CreatingAdminUser | Leg::SettingUpData => OnFailure::Undo,
            Leg::SendingWelcomeEmail => OnFailure::Ask,
        }
    }

    fn progress(leg: Leg) -> u8 {
        match leg {
            Leg::CreatingTenant => 10,
            Leg::CreatingAdminUser => 40,
            Leg::SettingUpData => 60,
            Leg::SendingWelcomeEmail => 85,
        }
    }

    fn command(leg: Leg, data: &Data) -> Command {
        let (tenant, user, input) = (data.tenant, data.admin_user, &data.input);
        match leg {
            Leg::CreatingTenant => Command::CreateTenant {
                tenant,
                name: input.tenant_name.clone(),
                email: input.admin_user.email.clone(),
                contract_line: input.contract_line.clone(),
                external_key: input.external_key.clone(),
                company: input.company_name.clone().map(|name| (data.company, name)),
            },
            Leg::CreatingAdminUser => {
                Command::CreateAdminUser { tenant, user, admin: input.admin_user.clone(), credential: data.credential }
            }
            Leg::SettingUpData => {
                Command::SetUpTenant { tenant, company: input.company_name.is_some().then_some(data.company) }
            }
            Leg::SendingWelcomeEmail => match data.correction.clone() {
                Some(email) => Command::CorrectAddress { tenant, user, email },
                None => Command::SendWelcome { tenant, user },
            },
        }
    }

    fn undo(leg: Leg, data: &Data) -> Option<Command> {
        let tenant = data.tenant;
        match leg {
            Leg::CreatingTenant => Some(Command::RemoveTenant { tenant, company: data.company }),
            Leg::CreatingAdminUser => Some(Command::RemoveAdminUser { tenant, user: data.admin_user }),
            Leg::SettingUpData => Some(Command::RemoveSettings { tenant }),
            Leg::SendingWelcomeEmail => None,
        }
    }

    fn answer(leg: Leg, data: &mut Data, event: &Event) -> Onward {
        match (leg, event) {
            (Leg::CreatingTenant, Event::TenantCreated { created_at }) => {
                data.created_at = Some(created_at.clone());
                Onward::Next
            }
            (Leg::CreatingAdminUser, Event::AdminUserCreated) | (Leg::SettingUpData, Event::TenantActivated) => {
                Onward::Next
            }
            (Leg::SendingWelcomeEmail, Event::WelcomeSent { message }) => {
                data.message = Some(*message);
                Onward::Next
            }
            (Leg::SendingWelcomeEmail, Event::AddressCorrected) => {
                if let Some(email) = data.correction.take() {
                    data.input.admin_user.email = email;
                }
                Onward::Again
            }
            _ => Onward::Unexpected,
        }
    }

    fn undone(leg: Leg, event: &Event) -> bool {
        matches!(
            (leg, event),
            (Leg::CreatingTenant, Event::TenantRemoved)
                | (Leg::CreatingAdminUser, Event::AdminUserRemoved)
                | (Leg::SettingUpData, Event::SettingsRemoved)
        )
    }

    fn wish(leg: Option<Leg>, data: &mut Data, event: &Event) -> Wish {
        let Event::UpdateAsked(update) = event else {
            return Wish::Refused("this answer does not fit what the run is doing now".to_owned());
        };
        let used_in = match update {
            Update::FirstName(_) | Update::LastName(_) => Leg::CreatingAdminUser,
            _ => Leg::CreatingTenant,
        };
        let Some(leg) = leg else {
            return Wish::Refused("the run is being rolled back; start a new one with the right values".to_owned());
        };
        if leg as u8 > used_in as u8 {
            return Wish::Refused(format!("{} has been used already; change it on the tenant itself", update.field()));
        }
        data.input.apply(update.clone());
        if leg == used_in { Wish::Restart } else { Wish::Noted }
    }

    fn failed(_: Leg, data: &mut Data, _: &Fault) {
        data.correction = None;
    }

    fn form(leg: Leg, data: &Data, fault: &Fault) -> Form {
        let happened = match (leg, fault.class) {
            (Leg::SendingWelcomeEmail, ErrorClass::UnknownOutcome) => {
                "Nobody knows whether the welcome mail arrived, so it was not sent again"
            }
            (Leg::SendingWelcomeEmail, _) => "The welcome mail could not be delivered",
            _ => "A step of the onboarding has an unknown outcome",
        };
        let mail = leg == Leg::SendingWelcomeEmail;
        let actions = if mail { json!(["resend", "correct_address", "give_up"]) } else { json!(["resend"]) };
        let choices = if mail {
            "The tenant is active whatever you choose. \
             Resend to try the same address again, correct the address to send it elsewhere, or give up to leave it unsent."
        } else {
            "Resend to run the step again; it changes nothing that is there already. Cancel the run to remove what it made."
        };
        Form {
            title: format!("{happened}: {}", data.input.tenant_name),
            text: format!("{happened}. What we saw: {}. {choices}", fault.message),
            schema: json!({
                "type": "object",
                "properties": {
                    "action": { "enum": actions, "title": "What shall be done?" },
                    "email": { "type": "string", "format": "email", "title": "The right address" },
                },
                "required": ["action"],
                "additionalProperties": false,
                "if": { "required": ["action"], "properties": { "action": { "const": "correct_address" } } },
                "then": { "required": ["email"] },
            }),
            context: json!({
                "tenantId": data.tenant,
                "tenantName": data.input.tenant_name,
                "email": data.input.admin_user.email,
                "errorClass": fault.class,
            }),
            open_for: None,
            operators_only: false,
        }
    }

    fn answered(_: Leg, answer: Value, by: &str) -> Result<Event, String> {
        let by = by.to_owned();
        match answer["action"].as_str() {
            Some("resend") => Ok(Event::ResendChosen { by }),
            Some("give_up") => Ok(Event::WelcomeGivenUp { by }),
            Some("correct_address") => match answer["email"].as_str().unwrap_or_default().parse() {
                Ok(email) => Ok(Event::AddressChosen { email, by }),
                Err(error) => Err(format!("email: {error}")),
            },
            _ => Err("choose an action: resend, correct_address or give_up".to_owned()),
        }
    }

    fn decided(leg: Leg, data: &mut Data, event: &Event) -> Onward {
        match (leg, event) {
            (_, Event::ResendChosen { .. }) => Onward::Again,
            (Leg::SendingWelcomeEmail, Event::WelcomeGivenUp { .. }) => Onward::Next,
            (Leg::SendingWelcomeEmail, Event::AddressChosen { email, .. }) => {
                data.correction = Some(email.clone());
                Onward::Again
            }
            _ => Onward::Unexpected,
        }
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        if name != "update" {
            return Err(format!("onboarding knows no signal {name:?}; it knows: cancel, update"));
        }
        serde_json::from_value(body).map(Event::UpdateAsked).map_err(|error| {
            format!("update takes {{\"field\", \"value\"}} with field one of {}: {error}", Update::FIELDS.join(", "))
        })
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[
            ("cancel", "remove what was made, until the tenant is active: {reason, cancelledBy}"),
            ("update", "change one field of the input, until its step has run: {field, value}"),
        ]
    }

    fn notices(moment: Moment<Leg>, data: &Data, fault: Option<&Fault>) -> Vec<Notice> {
        let tenant = data.tenant;
        match moment {
            Moment::Started => vec![Notice::OnboardingStarted { tenant }],
            Moment::Done(Leg::SettingUpData) => vec![Notice::TenantCreated { tenant }],
            Moment::Done(_) => Vec::new(),
            Moment::Completed => vec![Notice::OnboardingCompleted { tenant, email_sent: data.message.is_some() }],
            Moment::RolledBack | Moment::Cancelled | Moment::Failed => {
                vec![Notice::OnboardingFailed { tenant, class: fault.map(|fault| fault.class) }]
            }
            Moment::Asked => vec![Notice::OperatorAsked {
                title: format!("Onboarding {} needs a decision", data.input.tenant_name),
                text: fault.map(|fault| fault.message.clone()).unwrap_or_default(),
            }],
        }
    }

    fn entity(data: &Data) -> Option<String> {
        Some(data.input.tenant_name.to_string())
    }

    fn undoing(leg: Leg) -> String {
        match leg {
            Leg::CreatingTenant => "the tenant and its company",
            Leg::CreatingAdminUser => "its administrator, whose password is no use any more",
            Leg::SettingUpData => "its settings, and the address of its portal",
            Leg::SendingWelcomeEmail => "the welcome mail",
        }
        .to_owned()
    }

    fn result(data: &Data, completed: bool) -> Value {
        let company = data.input.company_name.is_some().then_some(data.company);
        json!({
            "tenantId": data.tenant,
            "adminUserId": data.admin_user,
            "companyId": company,
            "emailSent": data.message.is_some(),
            "success": completed,
            "createdAt": data.created_at,
        })
    }

    fn retry(command: &Command) -> Retry {
        let seconds = Duration::from_secs;
        match command {
            Command::RemoveSettings { .. } | Command::RemoveAdminUser { .. } | Command::RemoveTenant { .. } => {
                Retry::new(20, seconds(1), seconds(300))
            }
            _ => Retry::new(3, seconds(1), seconds(30)),
        }
    }

    fn performer(command: &Command) -> &'static str {
        if matches!(command, Command::SendWelcome { .. }) { "send-email" } else { "onboard-tenant" }
    }
}

impl Input {
    fn apply(&mut self, update: Update) {
        match update {
            Update::TenantName(name) => self.tenant_name = name,
            Update::CompanyName(name) => self.company_name = Some(name),
            Update::ContractLine(line) => self.contract_line = line,
            Update::FirstName(name) => self.admin_user.first_name = name,
            Update::LastName(name) => self.admin_user.last_name = name,
            Update::Email(email) => self.admin_user.email = email,
        }
    }
}

impl Update {
    /// The fields that can be updated.
    pub const FIELDS: [&str; 6] =
        ["tenantName", "companyName", "contractLine", "adminUser.firstName", "adminUser.lastName", "adminUser.email"];

    /// The field's name, as the caller writes it.
    #[must_use]
    pub fn field(&self) -> &'static str {
        let at = match self {
            Self::TenantName(_) => 0,
            Self::CompanyName(_) => 1,
            Self::ContractLine(_) => 2,
            Self::FirstName(_) => 3,
            Self::LastName(_) => 4,
            Self::Email(_) => 5,
        };
        Self::FIELDS[at]
    }
}
