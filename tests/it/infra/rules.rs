//! What every template of ours keeps, and what neither cfn-lint nor `sam validate` sees. Each rule lists what breaks it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tenantry_kernel::Named as _;
use tenantry_workflows::drill;

use super::template::{Template, objects, several, target};

/// Everything that is wrong with a template.
pub(super) fn findings(template: &Template) -> Vec<String> {
    let rules = [
        authorizers,
        routes,
        schedules,
        queues,
        consumers,
        functions,
        wildcards,
        ses,
        identities,
        secrets,
        sends,
        reached,
        told,
        drills,
        alarms,
    ];
    rules.into_iter().flat_map(|rule| rule(template)).collect()
}

/// Routes that need no token at the gateway of the API for people.
const PUBLIC: [&str; 8] = [
    "GET /v1/health",
    "GET /v1/openapi.json",
    "POST /v1/invitations/accept",
    "POST /v1/provider-events/{provider}",
    "GET /v1/unsubscribe/{token}",
    "POST /v1/unsubscribe/{token}",
    "GET /dns/{token}",
    "POST /dns/{token}/check",
];

/// What each function may do at SES. Nobody who makes or removes domains sends, and one function alone removes.
pub(super) const AT_SES: [(&str, &[&str]); 7] = [
    ("SendEmailFunction", &["ses:SendEmail", "ses:SendRawEmail"]),
    ("NotifyFunction", &["ses:SendEmail", "ses:SendRawEmail"]),
    (
        "CreateDomainFunction",
        &["ses:CreateEmailIdentity", "ses:GetEmailIdentity", "ses:PutEmailIdentityMailFromAttributes"],
    ),
    (
        "ActivateDomainFunction",
        &[
            "ses:GetEmailIdentity",
            "ses:PutEmailIdentityDkimSigningAttributes",
            "ses:PutEmailIdentityMailFromAttributes",
        ],
    ),
    ("DeleteDomainFunction", &["ses:DeleteEmailIdentity", "ses:GetEmailIdentity", "ses:ListEmailIdentities"]),
    ("ApiFunction", &["ses:GetAccount"]),
    ("ConsoleFunction", &["ses:GetAccount"]),
];
/// Those of them that know no resource.
const WITHOUT_RESOURCE: [&str; 2] = ["ses:GetAccount", "ses:ListEmailIdentities"];

fn authorizers(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, authorizer) in template.of("AWS::ApiGatewayV2::Authorizer") {
        let jwt = &authorizer["JwtConfiguration"];
        if jwt["Issuer"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{id} has no issuer"));
        }
        if several(&jwt["Audience"]).is_empty() {
            found.push(format!("{id} has no audience"));
        }
    }
    found
}

fn routes(template: &Template) -> Vec<String> {
    let guarded: BTreeSet<&str> =
        template.of("AWS::ApiGatewayV2::Authorizer").map(|(_, authorizer)| target(&authorizer["ApiId"])).collect();
    let open = template.of("AWS::ApiGatewayV2::Route").filter(|(_, route)| {
        let needs_a_token = route["AuthorizationType"] == "JWT" && route["AuthorizerId"].is_string();
        guarded.contains(target(&route["ApiId"])) && !needs_a_token
    });
    let open = open.filter(|(_, route)| !PUBLIC.contains(&route["RouteKey"].as_str().unwrap_or_default()));
    open.map(|(id, route)| format!("{id} lets anybody at {}", route["RouteKey"])).collect()
}

fn schedules(template: &Template) -> Vec<String> {
    let well_formed = |expression: &str| {
        let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
        let Some((number, unit)) = inner.and_then(|inner| inner.split_once(' ')) else {
            return expression.starts_with("cron(") || expression.starts_with("at(");
        };
        match number {
            "1" => ["minute", "hour", "day"].contains(&unit),
            _ => number.parse::<u32>().is_ok_and(|n| n > 1) && ["minutes", "hours", "days"].contains(&unit),
        }
    };
    let all = template.of("AWS::Scheduler::Schedule").chain(template.of("AWS::Events::Rule"));
    let wrong = all.filter(|(_, schedule)| {
        schedule["ScheduleExpression"].as_str().is_some_and(|expression| !well_formed(expression))
    });
    wrong.map(|(id, schedule)| format!("{id} has a rate that is none: {}", schedule["ScheduleExpression"])).collect()
}

fn queues(template: &Template) -> Vec<String> {
    let dead: BTreeSet<&str> = template
        .of("AWS::SQS::Queue")
        .map(|(_, queue)| target(&queue["RedrivePolicy"]["deadLetterTargetArn"]))
        .filter(|id| !id.is_empty())
        .collect();
    let mut found = Vec::new();
    for (id, queue) in template.of("AWS::SQS::Queue").filter(|(id, _)| !dead.contains(id)) {
        let redrive = &queue["RedrivePolicy"];
        if template.resource(target(&redrive["deadLetterTargetArn"]))["Type"] != "AWS::SQS::Queue" {
            found.push(format!("{id} has no dead letters"));
        }
        if redrive["maxReceiveCount"].as_u64().is_none_or(|count| !(3..=10).contains(&count)) {
            found.push(format!("{id} gives up too soon or too late"));
        }
    }
    for id in dead {
        let rings = |alarm: &Value| {
            alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
                && several(&alarm["Dimensions"]).iter().any(|dimension| target(&dimension["Value"]) == id)
        };
        if !template.of("AWS::CloudWatch::Alarm").any(|(_, alarm)| rings(alarm)) {
            found.push(format!("{id} fills up without an alarm"));
        }
    }
    found
}

fn consumers(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, function) in template.of("AWS::Serverless::Function") {
        let events = function["Events"].as_object().into_iter().flat_map(|events| events.values());
        for event in events.filter(|event| event["Type"] == "SQS").map(|event| &event["Properties"]) {
            let queue = &template.resource(target(&event["Queue"]))["Properties"];
            let (visible, time_out) = (queue["VisibilityTimeout"].as_u64(), function["Timeout"].as_u64());
            if visible.unwrap_or(30) < 6 * time_out.unwrap_or(3) {
                found.push(format!("{id} may take longer than a sixth of what its queue hides a message for"));
            }
            if !several(&event["FunctionResponseTypes"]).iter().any(|kind| *kind == "ReportBatchItemFailures") {
                found.push(format!("{id} does not report failures one by one"));
            }
            if event["BatchSize"] != 10 {
                found.push(format!("{id} takes batches of another size than ten"));
            }
            if !event["ScalingConfig"]["MaximumConcurrency"].is_u64() {
                found.push(format!("{id} has no bound, and so its database connections have none"));
            }
        }
    }
    found
}

fn functions(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, function) in template.of("AWS::Serverless::Function") {
        let rings = |alarm: &Value| {
            alarm["Namespace"] == "AWS/Lambda" && several(&alarm["Dimensions"]).iter().any(|of| of["Value"] == id)
        };
        if !template.of("AWS::CloudWatch::Alarm").any(|(_, alarm)| rings(alarm)) {
            found.push(format!("{id} fails without an alarm"));
        }
        if template.resource(target(&function["Role"]))["Type"] != "AWS::IAM::Role" {
            found.push(format!("{id} has no role of its own"));
        }
        let logs = template.resource(target(&function["LoggingConfig"]["LogGroup"]));
        if !logs["Properties"]["RetentionInDays"].is_string() {
            found.push(format!("{id} keeps its logs for ever"));
        }
    }
    let roles: Vec<&str> =
        template.of("AWS::Serverless::Function").map(|(_, function)| target(&function["Role"])).collect();
    if roles.iter().collect::<BTreeSet<_>>().len() < roles.len() {
        found.push("two functions share a role".to_owned());
    }
    found
}

fn wildcards(template: &Template) -> Vec<String> {
    let statements = objects(template.whole()).into_iter().filter(|object| object.contains_key("Effect"));
    let statements = statements.filter(|statement| !is_of_ses(statement));
    let named = statements.flat_map(|statement| {
        let of = |key: &str| statement.get(key).map(several).unwrap_or_default();
        of("Resource").into_iter().chain(of("Action")).chain(of("NotResource")).chain(of("NotAction"))
    });
    named.filter(|value| value.to_string().contains('*')).map(|value| format!("a policy allows {value}")).collect()
}

/// SES: tenants' domains come and go while the stack stands, and asking for the account or for all domains knows no resource.
fn is_of_ses(statement: &Map<String, Value>) -> bool {
    let of = |key: &str| statement.get(key).map(several).unwrap_or_default();
    let (actions, resources) = (of("Action"), of("Resource"));
    let bare = |action: &&Value| WITHOUT_RESOURCE.iter().any(|one| **action == *one);
    let known = |action: &&Value| AT_SES.iter().any(|(_, known)| known.iter().any(|one| **action == *one));
    let ends = |resource: &&Value| {
        let resource = resource.as_str().unwrap_or_default();
        resource.starts_with("arn:${AWS::Partition}:ses:")
            && [":${AWS::AccountId}:identity/*", ":${AWS::AccountId}:configuration-set/*"]
                .iter()
                .any(|end| resource.ends_with(end))
    };
    actions.iter().all(bare) || actions.iter().all(known) && resources.iter().all(ends)
}

/// Every function may do at SES what is its own, and nothing else.
fn identities(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, function) in template.of("AWS::Serverless::Function") {
        let role = objects(template.resource(target(&function["Role"])));
        let actions = role.into_iter().filter_map(|object| object.get("Action")).flat_map(several);
        let may: BTreeSet<&str> =
            actions.filter_map(Value::as_str).filter(|action| action.starts_with("ses:")).collect();
        let should = AT_SES.iter().find(|(of, _)| *of == id).map_or(&[][..], |(_, actions)| actions);
        if may != should.iter().copied().collect() {
            found.push(format!("{id} may do other things at SES than its own: {may:?}"));
        }
    }
    found
}

/// SES may be used only by whoever is told to use it.
fn ses(template: &Template) -> Vec<String> {
    let says_ses = |value: &Value| {
        let whole = objects(value).into_iter().filter_map(|object| object.get("Action"));
        whole.flat_map(several).any(|action| action.as_str().is_some_and(|action| action.starts_with("ses:")))
    };
    let bare = objects(template.whole()).into_iter().filter_map(|object| object.get("Statement")).flat_map(several);
    let bare = bare.filter(|statement| match statement.as_array().map(Vec::as_slice) {
        Some([condition, holds, _]) => *condition != "BySes" && says_ses(holds),
        _ => says_ses(statement),
    });
    bare.map(|statement| format!("SES may be used where it is not chosen: {statement}")).collect()
}

/// A function's policy statement of this name.
fn statement<'a>(template: &'a Template, function: &Value, sid: &str) -> Vec<&'a str> {
    let role = template.resource(target(&function["Role"]));
    let statement = objects(role).into_iter().find(|object| object.get("Sid").is_some_and(|found| found == sid));
    statement.map(|statement| several(&statement["Resource"]).into_iter().map(target).collect()).unwrap_or_default()
}

fn secrets(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, function) in template.of("AWS::Serverless::Function") {
        let variables = function["Environment"]["Variables"].as_object().into_iter().flatten();
        let needs: BTreeSet<&str> =
            variables.filter(|(name, _)| name.ends_with("_SECRET")).map(|(_, value)| target(value)).collect();
        let may: BTreeSet<&str> = statement(template, function, "ReadOwnSecrets").into_iter().collect();
        if needs != may {
            found.push(format!("{id} needs {needs:?} and may read {may:?}"));
        }
    }
    found
}

fn sends(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, function) in template.of("AWS::Serverless::Function") {
        let consumed: Vec<&str> =
            objects(&function["Events"]).into_iter().filter_map(|event| event.get("Queue")).map(target).collect();
        if statement(template, function, "ConsumeOwnQueue") != consumed {
            found.push(format!("{id} may consume another queue than its own"));
        }
        let sends = statement(template, function, "SendHints");
        if consumed.iter().any(|own| !sends.contains(own)) {
            found.push(format!("{id} may not send itself the hint of a retry"));
        }
    }
    found
}

/// Anything may be begun by the API and by the console, and be due: all three may send hints to every function.
fn reached(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for id in ["ApiFunction", "ConsoleFunction", "SweepFunction"] {
        let sends = statement(template, &template.resource(id)["Properties"], "SendHints");
        for (_, function) in template.of("AWS::Serverless::Function") {
            let queue = target(&function["Events"]["Hints"]["Properties"]["Queue"]);
            if !queue.is_empty() && !sends.contains(&queue) {
                found.push(format!("{id} may not send hints to {queue}"));
            }
        }
    }
    found
}

/// A mail to a tenant about its domain is a message, and an event for its endpoints a delivery: whoever tells of them sends the hint.
fn told(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, function) in template.of("AWS::Serverless::Function").filter(|(id, _)| *id == "NotifyFunction") {
        for (what, queue) in [("mail", "SendEmailQueue"), ("webhook", "DeliverWebhookQueue")] {
            if !statement(template, function, "SendHints").contains(&queue) {
                found.push(format!("{id} may not send the hint at a {what} to {queue}"));
            }
        }
    }
    found
}

/// A drill goes from one function to the next.
fn drills(template: &Template) -> Vec<String> {
    let visits: Vec<String> = drill::State::all().into_iter().filter_map(|state| queue_of(&state.name())).collect();
    let mut found = Vec::new();
    for (here, next) in visits.iter().zip(&visits[1..]) {
        let of = |function: &Value| target(&function["Events"]["Hints"]["Properties"]["Queue"]) == here;
        let Some((_, function)) = template.of("AWS::Serverless::Function").find(|(_, function)| of(function)) else {
            continue;
        };
        let sends = statement(template, function, "SendHints");
        if !sends.contains(&next.as_str()) {
            found.push(format!("a drill ends at {here}, which may not send the hint to {next}"));
        }
    }
    found
}

/// The queue that a drill visits in a state: `visiting_send_email` is at `SendEmailQueue`.
fn queue_of(state: &str) -> Option<String> {
    let words = state.strip_prefix("visiting_")?.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    Some(words.collect::<String>() + "Queue")
}

fn alarms(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, alarm) in template.of("AWS::CloudWatch::Alarm") {
        if super::runbook(alarm).is_none() {
            found.push(format!("{id} names no runbook"));
        }
        if alarm["AlarmActions"].is_null() {
            found.push(format!("{id} tells nobody"));
        }
        let metric = template
            .of("AWS::Logs::MetricFilter")
            .flat_map(|(_, filter)| objects(filter))
            .any(|object| object.get("MetricName").is_some_and(|name| *name == alarm["MetricName"]));
        if alarm["Namespace"].as_str().is_some_and(|namespace| namespace.starts_with("Tenantry/")) && !metric {
            found.push(format!("{id} watches a number that nobody writes"));
        }
    }
    found
}
