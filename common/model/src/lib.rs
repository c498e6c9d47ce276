#![doc = include_str!("../README.md")]

mod address;
mod domain;
mod fault;
mod ids;
mod names;
mod role;

pub use address::{AddressError, EmailAddress};
pub use domain::{Domain, DomainError};
pub use fault::{ErrorClass, Fault, Retryable};
pub use ids::{
    ApiKeyId, CommandId, CompanyId, EmailDomainId, IdError, MessageId, RunId, TaskId, TenantId, TimerId, UserId,
    WebhookDeliveryId, WebhookEndpointId, WebhookEventId,
};
pub use names::{CompanyName, ContractLine, ExternalKey, NameError, PersonName, Slug, TenantName};
pub use role::{Permission, Role};
