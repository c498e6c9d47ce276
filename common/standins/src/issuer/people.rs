//! Who can be chosen.

use super::claims::Claims;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Somebody whom one can choose to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// What tokens call them.
    pub sub: String,
    /// What people call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The tenant's id; none for the platform's people.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The tenant's name.
    #[serde(default)]
    pub tenant_name: Option<String>,
    /// The roles, as in tokens.
    pub roles: Vec<String>,
}

impl Person {
    /// Who runs the platform; can always be chosen.
    #[must_use]
    pub fn operator() -> Person {
        Person {
            sub: "operator@tenantry.test".to_owned(),
            name: "Platform operator".to_owned(),
            email: "operator@tenantry.test".to_owned(),
            tenant: None,
            tenant_name: None,
            roles: vec!["platform_operator".to_owned()],
        }
    }

    /// What their tokens say.
    #[must_use]
    pub fn claims(&self) -> Claims {
        Claims {
            sub: self.sub.clone(),
            tenant: self.tenant.clone(),
            roles: self.roles.clone(),
            name: Some(self.name.clone()),
            email: Some(self.email.clone()),
            ..Claims::default()
        }
    }
}

/// Knows the people of tenants.
#[async_trait]
pub trait People: std::fmt::Debug + Send + Sync {
    /// At most so many whose name, address or tenant holds this text, in capital or small letters; all for an empty one. Those
    /// of the newest tenant first.
    ///
    /// # Errors
    /// What a person reads instead of the list.
    async fn find(&self, text: &str, most: usize) -> Result<Vec<Person>, String>;
}

/// A list that does not change.
#[async_trait]
impl People for Vec<Person> {
    async fn find(&self, text: &str, most: usize) -> Result<Vec<Person>, String> {
        let text = text.trim().to_lowercase();
        let holds = |part: &str| part.to_lowercase().contains(&text);
        let found = self.iter().filter(|person| {
            holds(&person.name) || holds(&person.email) || person.tenant_name.as_deref().is_some_and(holds)
        });
        Ok(found.take(most).cloned().collect())
    }
}
