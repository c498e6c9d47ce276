//! `tenantry mail settings`, `suppression` and `preference`

use serde_json::{Map, Value, json};

use super::{super::show_list, letter::moment, tenant};
use crate::{
    args::{Clearable, PreferenceCommand, SettingsCommand, SettingsSet, SuppressionCommand, Switch},
    client::Client,
    failure::Failure,
    output::Output,
    view::mail::{
        preference::{self, Preference, Preferences},
        settings, suppression,
    },
};

pub(super) async fn run(command: SettingsCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        SettingsCommand::Show { tenant: named } => {
            let tenant = tenant(named, client).await?;
            let answer = client.get(&["v1", "tenants", &tenant, "email-settings"], &[]).await?;
            let shown = answer.read()?;
            output.answer(&answer.body, |paint| settings::settings(&shown, paint))
        }
        SettingsCommand::Set(set) => self::set(*set, client, output).await,
    }
}

async fn set(set: SettingsSet, client: &Client, output: &Output) -> Result<(), Failure> {
    if says_nothing(&set) {
        return Err(Failure::Usage {
            what: "It is not said what to change".to_owned(),
            next: "Look at what there is with: tenantry mail settings set --help".to_owned(),
        });
    }
    let tenant = tenant(set.tenant.clone(), client).await?;
    let path = ["v1", "tenants", &tenant, "email-settings"];
    let read = client.get(&path, &[]).await?;
    let body = Value::Object(changes(set, &read.read()?)).to_string();
    let answer = client.patch(&path, &body, read.version).await?;
    let shown = answer.read()?;
    output.answer(&answer.body, |paint| settings::settings(&shown, paint))
}

fn says_nothing(set: &SettingsSet) -> bool {
    let SettingsSet { tier, default_from, from_name, reply_to, custom_domain, custom_from, .. } = set;
    let texts = [tier, default_from, from_name, reply_to, custom_domain, custom_from];
    let lists = set.route.is_empty() && set.header.is_empty() && set.tag.is_empty() && set.clear.is_empty();
    texts.iter().all(|text| text.is_none()) && lists && set.per_minute.is_none() && set.per_day.is_none()
}

/// What is sent: only what was typed; maps as a whole, with what stays in them.
fn changes(set: SettingsSet, before: &Map<String, Value>) -> Map<String, Value> {
    let (mut changes, mut limits) = (Map::new(), Map::new());
    for cleared in set.clear {
        let name = match cleared {
            Clearable::DefaultFrom => "defaultFrom",
            Clearable::FromName => "fromName",
            Clearable::ReplyTo => "replyTo",
            Clearable::CustomDomain => "customDomain",
            Clearable::CustomFrom => "customFrom",
            Clearable::PerMinute => {
                limits.insert("perMinute".to_owned(), Value::Null);
                continue;
            }
            Clearable::PerDay => {
                limits.insert("perDay".to_owned(), Value::Null);
                continue;
            }
        };
        changes.insert(name.to_owned(), Value::Null);
    }
    let texts = [
        ("tier", set.tier),
        ("defaultFrom", set.default_from),
        ("fromName", set.from_name),
        ("replyTo", set.reply_to),
        ("customDomain", set.custom_domain),
        ("customFrom", set.custom_from),
    ];
    changes.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
    let numbers = [("perMinute", set.per_minute), ("perDay", set.per_day)];
    limits.extend(numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?.into()))));
    if !limits.is_empty() {
        changes.insert("limits".to_owned(), limits.into());
    }
    for (name, pairs) in [("routing", set.route), ("headers", set.header), ("tags", set.tag)] {
        if pairs.is_empty() {
            continue;
        }
        let mut map = before.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        for (key, value) in pairs {
            if value.is_empty() {
                map.remove(&key);
            } else {
                map.insert(key, value.into());
            }
        }
        changes.insert(name.to_owned(), map.into());
    }
    changes
}

pub(super) async fn suppression(command: SuppressionCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        SuppressionCommand::List { tenant: named, address, reason, paging } => {
            let tenant = tenant(named, client).await?;
            let filters = [("address", address), ("reason", reason)];
            let list = client.list(&["v1", "tenants", &tenant, "suppressions"], &filters, &paging).await?;
            show_list(&list, output, suppression::suppressions)
        }
        SuppressionCommand::Add { address, tenant: named, note, until, repeat } => {
            let tenant = tenant(named, client).await?;
            let mut body = json!({ "address": address });
            if let Some(note) = note {
                body["note"] = note.into();
            }
            if let Some(until) = until {
                body["expiresAt"] = moment(until, output).into();
            }
            let path = ["v1", "tenants", &tenant, "suppressions"];
            let answer = client.post(&path, &body.to_string(), &repeat.key()).await?;
            output.answer(&answer.body, |_| "Nothing is written to this address any more.".to_owned())
        }
        SuppressionCommand::Remove { address, tenant: named } => {
            let tenant = tenant(named, client).await?;
            let answer = client.delete(&["v1", "tenants", &tenant, "suppressions", &address]).await?;
            output.answer(&answer.body, |_| "This address may be written to again.".to_owned())
        }
    }
}

pub(super) async fn preference(command: PreferenceCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    let (PreferenceCommand::Show { tenant: named, user } | PreferenceCommand::Set { tenant: named, user, .. }) =
        &command;
    let tenant = tenant(named.clone(), client).await?;
    let path = match user {
        Some(user) => vec!["v1", "tenants", &tenant, "users", user, "preferences"],
        None => vec!["v1", "tenants", &tenant, "notification-defaults"],
    };
    let mut answer = client.get(&path, &[]).await?;
    if let PreferenceCommand::Set { category, switch, .. } = &command {
        let data = chosen(answer.read()?, category, *switch);
        answer = client.put(&path, &json!({ "data": data }).to_string()).await?;
    }
    let shown = answer.read()?;
    output.answer(&answer.body, |paint| preference::preferences(&shown, paint))
}

/// All choices there are to be: those that are there, with this one changed. What others have chosen is not made one's own.
fn chosen(there: Preferences, category: &str, switch: Switch) -> Vec<Preference> {
    let (category, subtype) = match category.split_once('/') {
        Some((category, subtype)) => (category, Some(subtype.to_owned())),
        None => (category, None),
    };
    let own = |one: &Preference| one.source.as_deref().is_none_or(|source| source == "own");
    let same = |one: &Preference| one.category == category && one.subtype == subtype;
    let mut choices: Vec<_> = there.data.into_iter().filter(|one| own(one) && !one.locked && !same(one)).collect();
    if switch != Switch::Default {
        let category = category.to_owned();
        choices.push(Preference { category, subtype, enabled: switch == Switch::On, source: None, locked: false });
    }
    choices
}
