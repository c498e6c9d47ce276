//! Who may do what. Deny by default: a role holds exactly the permissions listed here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a person or a machine acts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the platform: sees every tenant.
    PlatformOperator,
    /// Administers one tenant.
    TenantAdmin,
    /// Belongs to one tenant.
    TenantMember,
}

/// One thing that may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// Onboard and manage tenants; see runs of every tenant.
    #[serde(rename = "tenants.manage")]
    TenantsManage,
    /// See one's tenant and its runs.
    #[serde(rename = "tenants.read")]
    TenantsRead,
    /// Signal, retry and cancel runs.
    #[serde(rename = "runs.manage")]
    RunsManage,
    /// Answer human tasks.
    #[serde(rename = "tasks.answer")]
    TasksAnswer,
    /// Read the audit log.
    #[serde(rename = "audit.read")]
    AuditRead,
    /// Make and revoke API keys.
    #[serde(rename = "keys.manage")]
    KeysManage,
    /// Change how and from where mail is sent.
    #[serde(rename = "settings.manage_email")]
    SettingsManageEmail,
    /// Change the portal's host name.
    #[serde(rename = "settings.manage_portal")]
    SettingsManagePortal,
    /// Say where the tenant is told of events.
    #[serde(rename = "settings.manage_webhooks")]
    SettingsManageWebhooks,
    /// Read messages, and what became of them.
    #[serde(rename = "messages.read")]
    MessagesRead,
    /// Send mail.
    #[serde(rename = "messages.send")]
    MessagesSend,
}

impl Role {
    /// What this role may do, within its tenant or (operators) everywhere.
    #[must_use]
    pub fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::PlatformOperator => Permission::ALL,
            Self::TenantAdmin => &[
                P::TenantsRead,
                P::TasksAnswer,
                P::AuditRead,
                P::KeysManage,
                P::SettingsManageEmail,
                P::SettingsManagePortal,
                P::SettingsManageWebhooks,
                P::MessagesRead,
                P::MessagesSend,
            ],
            Self::TenantMember => &[P::TenantsRead],
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "platform_operator" => Ok(Self::PlatformOperator),
            "tenant_admin" => Ok(Self::TenantAdmin),
            "tenant_member" => Ok(Self::TenantMember),
            _ => Err(()),
        }
    }
}

impl Permission {
    /// Every permission there is.
    pub const ALL: &'static [Self] = &[
        Self::TenantsManage,
        Self::TenantsRead,
        Self::RunsManage,
        Self::TasksAnswer,
        Self::AuditRead,
        Self::KeysManage,
        Self::SettingsManageEmail,
        Self::SettingsManagePortal,
        Self::SettingsManageWebhooks,
        Self::MessagesRead,
        Self::MessagesSend,
    ];

    /// The permission's name, as in tokens, keys and refusals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantsManage => "tenants.manage",
            Self::TenantsRead => "tenants.read",
            Self::RunsManage => "runs.manage",
            Self::TasksAnswer => "tasks.answer",
            Self::AuditRead => "audit.read",
            Self::KeysManage => "keys.manage",
            Self::SettingsManageEmail => "settings.manage_email",
            Self::SettingsManagePortal => "settings.manage_portal",
            Self::SettingsManageWebhooks => "settings.manage_webhooks",
            Self::MessagesRead => "messages.read",
            Self::MessagesSend => "messages.send",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_has_one_name_everywhere() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::json!(permission), serde_json::json!(permission.as_str()));
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
    }

    #[test]
    fn only_operators_manage_tenants_and_runs() {
        for role in [Role::TenantAdmin, Role::TenantMember] {
            assert!(!role.permissions().contains(&Permission::TenantsManage));
            assert!(!role.permissions().contains(&Permission::RunsManage));
        }
    }
}
