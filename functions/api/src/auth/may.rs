//! A handler's permission, in its signature.

use std::marker::PhantomData;

use axum::{extract::FromRequestParts, http::request::Parts};
use tenantry_model::Permission;

use super::Caller;
use crate::problem::Problem;

/// The caller, who has the permission `P`. Being the first argument of a handler, it refuses before anything is read.
pub(crate) struct May<P>(pub(crate) Caller, pub(crate) PhantomData<P>);

/// A permission as a type.
pub(crate) trait Needed {
    /// Which.
    const PERMISSION: Permission;
}

macro_rules! needs {
    ($($name:ident),+) => {
        /// The permissions that routes ask for.
        pub(crate) mod needs {
            $(
                #[doc = concat!("[`tenantry_model::Permission::", stringify!($name), "`]")]
                pub(crate) struct $name;
                impl super::Needed for $name {
                    const PERMISSION: tenantry_model::Permission = tenantry_model::Permission::$name;
                }
            )+
        }
    };
}
needs!(
    TenantsManage,
    TenantsRead,
    RunsManage,
    TasksAnswer,
    AuditRead,
    KeysManage,
    SettingsManageEmail,
    SettingsManagePortal,
    SettingsManageWebhooks,
    MessagesRead,
    MessagesSend
);

impl<P: Needed, S: Sync> FromRequestParts<S> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        caller.require(P::PERMISSION)?;
        Ok(Self(caller, PhantomData))
    }
}
