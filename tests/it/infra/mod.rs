//! The templates: rules that AWS's own tools do not know, and each rule seen to fail.

mod rules;
mod template;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tenantry_kernel::{Outcome, Verdict};

use self::{rules::findings, template::Template};

fn infra() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(infra().join(file)).unwrap()
}

fn main_template() -> Template {
    Template::read(&text("template.yaml"))
}

/// The runbook that an alarm's description names.
fn runbook(alarm: &Value) -> Option<&str> {
    alarm["AlarmDescription"].as_str()?.rsplit_once("${RunbooksUrl}/")?.1.strip_suffix(".md")
}

#[test]
fn the_templates_keep_every_rule() {
    for file in ["template.yaml", "database.yaml"] {
        assert_eq!(findings(&Template::read(&text(file))), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn each_rule_sees_the_mistake_it_is_there_for() {
    let good = text("template.yaml");
    for (written, mistaken, words) in [
        ("        Issuer: !Ref OidcIssuer\n", "", "Authorizer has no issuer"),
        ("        Audience: [!Ref OidcAudience]\n", "", "Authorizer has no audience"),
        ("      AuthorizationType: JWT\n      AuthorizerId: !Ref Authorizer\n", "", "GuardedRoute lets anybody at"),
        ("GET /v1/openapi.json", "GET /v1/runs", "OpenApiRoute lets anybody at"),
        ("rate(1 minute)", "rate(5 minute)", "Schedule has a rate that is none"),
        ("rate(1 minute)", "rate(1 minutes)", "Schedule has a rate that is none"),
        ("rate(1 minute)", "every minute", "Schedule has a rate that is none"),
        ("        deadLetterTargetArn: !GetAtt NotifyDeadLetters.Arn\n", "", "NotifyQueue has no dead letters"),
        ("        maxReceiveCount: 5\n", "        maxReceiveCount: 1\n", "OnboardTenantQueue gives up too soon"),
        (
            "Value: !GetAtt SendEmailDeadLetters.QueueName",
            "Value: other",
            "SendEmailDeadLetters fills up without an alarm",
        ),
        ("      VisibilityTimeout: 360\n", "      VisibilityTimeout: 359\n", "OnboardTenantFunction may take longer"),
        ("            FunctionResponseTypes: [ReportBatchItemFailures]\n", "", "does not report failures one by one"),
        ("            BatchSize: 10\n", "            BatchSize: 1\n", "batches of another size"),
        ("            ScalingConfig: { MaximumConcurrency: 5 }\n", "", "ActivateDomainFunction has no bound"),
        ("Value: !Ref SweepFunction }", "Value: other }", "SweepFunction fails without an alarm"),
        ("Role: !GetAtt SweepRole.Arn", "Role: !GetAtt NotifyRole.Arn", "two functions share a role"),
        ("Resource: !GetAtt SweepLogs.Arn", "Resource: '*'", "a policy allows \"*\""),
        (":identity/*\n", ":*\n", "a policy allows"),
        ("Action: [ses:SendEmail, ses:SendRawEmail]", "Action: ses:*", "a policy allows"),
        (
            "                - BySes\n                - Sid",
            "                - InVpc\n                - Sid",
            "where it is not chosen",
        ),
        ("POST /v1/provider-events/{provider}", "POST /v1/messages", "ProviderEventsRoute lets anybody at"),
        ("GET /dns/{token}", "GET /v1/email-domains", "DnsPageRoute lets anybody at"),
        ("ses:GetEmailIdentity, ses:DeleteEmailIdentity", "ses:SendEmail", "DeleteDomainFunction may do other things"),
        (
            "ses:GetEmailIdentity, ses:CreateEmailIdentity",
            "ses:DeleteEmailIdentity",
            "CreateDomainFunction may do other",
        ),
        ("Action: ses:ListEmailIdentities", "Action: ses:DeleteEmailIdentity", "a policy allows \"*\""),
        (
            "- !If [HasResendApiKey, !Ref ResendApiKeyArn",
            "- !If [HasResendApiKey, !Ref EmailPasswordArn",
            "SendEmailFunction needs",
        ),
        ("Action: secretsmanager:GetSecretValue", "Action: secretsmanager:*", "a policy allows"),
        ("Resource: [!Ref FunctionsDatabaseUrlArn]", "Resource: [!Ref ApiDatabaseUrlArn]", "CheckDnsFunction needs"),
        (
            "Resource: !GetAtt NotifyQueue.Arn",
            "Resource: !GetAtt SendEmailQueue.Arn",
            "NotifyFunction may consume another",
        ),
        ("Resource: [!GetAtt NotifyQueue.Arn, ", "Resource: [", "may not send itself"),
        ("[!GetAtt NotifyQueue.Arn, !GetAtt SendEmailQueue.Arn, ", "[!GetAtt NotifyQueue.Arn, ", "the hint at a mail"),
        ("SendEmailQueue.Arn, !GetAtt DeliverWebhookQueue.Arn]", "SendEmailQueue.Arn]", "the hint at a webhook"),
        ("                  - !GetAtt CheckDnsQueue.Arn\n", "", "SweepFunction may not send hints to CheckDnsQueue"),
        ("SendEmailQueue.Arn, !GetAtt CreateDomainQueue.Arn", "SendEmailQueue.Arn", "a drill ends at SendEmailQueue"),
        ("${RunbooksUrl}/unknown-sends.md", "", "UnknownSendsAlarm names no runbook"),
        ("          MetricName: UnknownSends\n", "          MetricName: Other\n", "UnknownSendsAlarm watches a number"),
        ("      RetentionInDays: !Ref LogRetentionDays\n", "", "keeps its logs for ever"),
    ] {
        assert!(good.contains(written), "the template has no {written:?} any more; this test must learn its new words");
        let found = findings(&Template::read(&good.replacen(written, mistaken, 1)));
        assert!(found.iter().any(|finding| finding.contains(words)), "{written:?} became {mistaken:?}: {found:#?}");
    }
}

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_an_alarm_or_a_line_that_says_when() {
    let templates = [main_template(), Template::read(&text("database.yaml"))];
    let alarms = templates.iter().flat_map(|template| template.of("AWS::CloudWatch::Alarm"));
    let named: BTreeSet<String> =
        alarms.filter_map(|(_, alarm)| runbook(alarm)).map(|name| format!("{name}.md")).collect();
    let written = std::fs::read_dir(infra().join("runbooks")).unwrap();
    let written: BTreeSet<String> = written.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let readme = text("README.md");
    let (_, rest) = readme.split_once("No alarm rings for these").expect("a list of what no alarm rings for");
    let table = rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let found: BTreeSet<String> =
        table.filter_map(|line| Some(line.split_once("](runbooks/")?.1.split_once(')')?.0.to_owned())).collect();
    assert!(found.is_disjoint(&named), "an alarm rings for one of {found:?}");
    assert_eq!(&named | &found, written);
    for name in written {
        let words = text(&format!("runbooks/{name}"));
        for heading in ["## What it means", "## Look", "## Do", "## Never"] {
            assert!(words.contains(heading), "{name} has no {heading:?}");
        }
    }
}

#[test]
fn every_function_is_deployed_under_its_own_name() {
    let template = main_template();
    let deployed: BTreeSet<String> = template
        .of("AWS::Serverless::Function")
        .map(|(id, function)| {
            let binary = template.resource(id)["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap().to_owned();
            assert_eq!(function["CodeUri"], format!("../functions/{binary}"));
            assert_eq!(function["FunctionName"], format!("${{AWS::StackName}}-{binary}"));
            assert_eq!(function["Environment"]["Variables"]["QUEUE_PREFIX"], "${AWS::StackName}-");
            if let Some(queue) = function["Events"]["Hints"]["Properties"]["Queue"].as_str() {
                let queue = template.resource(queue.trim_end_matches(".Arn"));
                assert_eq!(queue["Properties"]["QueueName"], format!("${{AWS::StackName}}-{binary}"));
            }
            binary
        })
        .collect();
    let folders = std::fs::read_dir(infra().join("../functions")).unwrap();
    let folders = folders.map(|folder| folder.unwrap()).filter(|folder| folder.path().join("Cargo.toml").is_file());
    let folders = folders.map(|folder| folder.file_name().into_string().unwrap());
    assert_eq!(deployed, folders.filter(|name| name != "local").collect());
}

#[test]
fn every_variable_that_is_set_is_read() {
    let root = infra().join("..");
    let sources = [
        "common/runtime/src/config/mod.rs",
        "common/runtime/src/config/mail.rs",
        "common/runtime/src/config/domains.rs",
        "common/runtime/src/config/portal.rs",
        "common/runtime/src/config/webhook.rs",
        "functions/api/src/configured.rs",
        "functions/api/src/events.rs",
        "functions/console/src/configured.rs",
        "functions/console/src/sign_in/mod.rs",
    ];
    let sources = sources.map(|file| std::fs::read_to_string(root.join(file)).unwrap()).join("\n");
    let template = main_template();
    for (id, function) in template.of("AWS::Serverless::Function") {
        for name in function["Environment"]["Variables"].as_object().unwrap().keys() {
            let name = name.strip_suffix("_SECRET").unwrap_or(name);
            assert!(sources.contains(&format!("\"{name}\"")), "{id} is given {name}, which nothing reads");
        }
    }
}

#[test]
fn whoever_carries_mail_is_given_every_way_to_carry_it() {
    // What is read for SMTP, Resend and SES, but for what only suits a laptop or is another name of the same.
    let source = std::fs::read_to_string(infra().join("../common/runtime/src/config/mail.rs")).unwrap();
    let named =
        source.split('"').filter(|word| ["EMAIL_", "RESEND_", "SES_"].iter().any(|start| word.starts_with(start)));
    let left_out = ["EMAIL_CA_FILE", "EMAIL_CONNECTIONS", "RESEND_BASE_URL"];
    let wanted: BTreeSet<&str> = named.filter(|name| !left_out.contains(name)).collect();
    assert!(wanted.len() > 20, "{wanted:?}");
    let template = main_template();
    let given = |id: &str| -> BTreeSet<String> {
        let variables = &template.resource(id)["Properties"]["Environment"]["Variables"];
        let names = variables.as_object().unwrap().keys();
        names.map(|name| name.strip_suffix("_SECRET").unwrap_or(name).to_owned()).collect()
    };
    let sender = given("SendEmailFunction");
    let missing: Vec<&&str> = wanted.iter().filter(|name| !sender.contains(**name)).collect();
    assert!(missing.is_empty(), "send-email is not given {missing:?}");
    // How much leaves is the sender's affair alone.
    let api = given("ApiFunction");
    let missing: Vec<&&str> = wanted
        .iter()
        .filter(|name| !api.contains(**name) && !name.ends_with("_RATE_PER_SECOND") && **name != "EMAIL_BATCH")
        .collect();
    assert!(missing.is_empty(), "the API is not given {missing:?}");
    assert!(api.contains("RESEND_WEBHOOK_SECRET") && api.contains("SES_TOPIC_ARNS") && api.contains("PUBLIC_URL"));
}

#[test]
fn the_console_is_given_what_the_api_is_given_and_its_own() {
    let template = main_template();
    let given = |id: &str| -> BTreeSet<String> {
        let variables = &template.resource(id)["Properties"]["Environment"]["Variables"];
        variables.as_object().unwrap().keys().cloned().collect()
    };
    let (api, console) = (given("ApiFunction"), given("ConsoleFunction"));
    let own: BTreeSet<&str> = console.difference(&api).map(String::as_str).collect();
    assert_eq!(own, BTreeSet::from(["CONSOLE_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET_SECRET"]));
    assert!(api.is_subset(&console), "the console is not given {:?}", api.difference(&console));
}

#[test]
fn whoever_works_on_domains_is_given_what_it_reads_of_them() {
    // What is read for domains, but for what only suits a laptop.
    let source = std::fs::read_to_string(infra().join("../common/runtime/src/config/domains.rs")).unwrap();
    let named =
        source.split('"').filter(|word| ["EDITION", "EMAIL_DOMAIN_", "DNS_"].iter().any(|s| word.starts_with(s)));
    let wanted: BTreeSet<&str> = named.filter(|name| *name != "EMAIL_DOMAIN_TEST_NAMES").collect();
    assert!(wanted.len() >= 7, "{wanted:?}");
    let template = main_template();
    let given = |id: &str| -> BTreeSet<&str> {
        let variables = template.resource(id)["Properties"]["Environment"]["Variables"].as_object().unwrap();
        variables.keys().map(String::as_str).filter(|name| wanted.contains(name)).collect()
    };
    let of_api = |name: &&str| !name.starts_with("DNS_");
    assert_eq!(given("ApiFunction"), wanted.iter().copied().filter(of_api).collect());
    assert_eq!(given("CheckDnsFunction"), BTreeSet::from(["DNS_RESOLVERS", "DNS_SERVER"]));
    assert_eq!(given("CreateDomainFunction"), BTreeSet::from(["EMAIL_DOMAIN_COOL_DOWN_DAYS", "EMAIL_DOMAIN_PROVIDER"]));
    assert_eq!(given("DeleteDomainFunction"), BTreeSet::from(["EMAIL_DOMAIN_PROVIDER"]));
    assert_eq!(given("NotifyFunction"), BTreeSet::from(["EDITION"]));
}

#[test]
fn whoever_works_on_portals_is_given_what_it_reads_of_them() {
    // What is read for the hostnames of portals, but for what suits a laptop or a pod: files, folders, a gateway of this machine.
    let source = std::fs::read_to_string(infra().join("../common/runtime/src/config/portal.rs")).unwrap();
    let named = source.split('"').filter(|word| ["PORTAL_", "DNS_"].iter().any(|start| word.starts_with(start)));
    let left_out = [
        "PORTAL_DOMAIN_TEST_NAMES",
        "PORTAL_DOMAIN_LOOPBACK_PORTS",
        "PORTAL_DOMAIN_LOOPBACK_CA",
        "PORTAL_DOMAIN_KUBECONFIG",
        "PORTAL_DOMAIN_KUBE_CONTEXT",
        "PORTAL_DOMAIN_MANIFEST_DIR",
        "PORTAL_DOMAIN_CACHE",
    ];
    let wanted: BTreeSet<&str> = named.filter(|name| !left_out.contains(name)).collect();
    let template = main_template();
    let given = |id: &str| -> BTreeSet<&str> {
        let variables = template.resource(id)["Properties"]["Environment"]["Variables"].as_object().unwrap();
        let names = variables.keys().map(|name| name.strip_suffix("_SECRET").unwrap_or(name));
        names.filter_map(|name| wanted.get(name).copied()).collect()
    };
    let of = ["ApiFunction", "CheckPortalFunction", "NotifyFunction", "ReconcileClusterFunction"].map(given);
    let missing: Vec<&&str> = wanted.iter().filter(|name| !of.iter().any(|given| given.contains(**name))).collect();
    assert!(wanted.len() >= 35 && missing.is_empty(), "nobody is given {missing:?} of {wanted:?}");
    let [api, check_portal, notify, reconcile] = of;
    let names = ["PORTAL_DOMAIN_CONFIRM_SECONDS", "PORTAL_DOMAIN_RESERVED", "PORTAL_ZONE"];
    assert_eq!(api, BTreeSet::from(names));
    assert_eq!(notify, BTreeSet::from(["PORTAL_PAGE_URL_PATTERN"]));
    let outside = |name: &&str| {
        ["DNS_", "PORTAL_DOMAIN_CA", "PORTAL_DOMAIN_ORDER"].iter().any(|start| name.starts_with(start))
            || *name == "PORTAL_DOMAIN_SYNC_MINUTES"
    };
    assert_eq!(check_portal, wanted.iter().copied().filter(outside).collect());
    // Which of them are the tenant's to say, or read from outside, is nothing to who writes to the cluster.
    let inside =
        |name: &&str| !outside(name) && !["PORTAL_DOMAIN_RESERVED", "PORTAL_DOMAIN_CONFIRM_SECONDS"].contains(name);
    let inside = wanted.iter().copied().filter(inside).filter(|name| *name != "PORTAL_PAGE_URL_PATTERN");
    assert_eq!(reconcile, inside.collect());
}

/// Lambda takes so many bytes of names and values together.
const MOST_ENVIRONMENT: usize = 4096;

#[test]
fn what_the_cluster_is_reached_by_fits_into_an_environment() {
    let template = main_template();
    let variables = &template.resource("ReconcileClusterFunction")["Properties"]["Environment"]["Variables"];
    // An authority of EKS is a certificate of 1.1 KB; ARNs and hosts take a hundred bytes and more.
    let long = |name: &str| match name {
        "PORTAL_DOMAIN_EKS_CA" => 1600,
        "QUEUE_PREFIX" | "PORTAL_DOMAIN_GIT_BRANCH" | "PORTAL_DOMAIN_GIT_ROOT" | "PORTAL_DOMAIN_GIT_USER" => 20,
        _ if name.ends_with("_SECRET") => 110,
        _ if ["_HOST", "_ENDPOINT", "_REPO", "_AUTHOR"].iter().any(|end| name.ends_with(end)) => 80,
        _ => 18,
    };
    let bytes: usize = variables.as_object().unwrap().keys().map(|name| name.len() + long(name)).sum();
    assert!(bytes < MOST_ENVIRONMENT, "{bytes} bytes");
}

#[test]
fn what_our_code_asks_of_the_cluster_is_allowed_and_nothing_else() {
    let code = std::fs::read_to_string(infra().join("../common/cluster/src/check.rs")).unwrap();
    let constant = |name: &str| -> Vec<String> {
        let text = code
            .split_once(&format!("const {name}: "))
            .unwrap()
            .1
            .split_once("= [")
            .unwrap()
            .1
            .split_once(";\n")
            .unwrap()
            .0;
        text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (written, chain) = (constant("WRITTEN"), constant("CHAIN"));
    let mut asked: BTreeSet<String> = BTreeSet::from(["patch certificates/status of cert-manager.io".to_owned()]);
    for kind in
        ["certificates of cert-manager.io", "gateways of networking.istio.io", "virtualservices of networking.istio.io"]
    {
        asked.extend(written.iter().map(|verb| format!("{verb} {kind}")));
    }
    for pair in chain.chunks(2) {
        asked.insert(format!("list {} of {}", pair[1], pair[0].split_once('/').unwrap().0));
    }
    let manifest = text("cluster/rbac.yaml");
    let objects: Vec<Value> = manifest.split("\n---\n").map(|one| serde_saphyr::from_str(one).unwrap()).collect();
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let mut allowed = BTreeSet::new();
    for role in objects.iter().filter(|object| object["kind"] == "Role") {
        for rule in role["rules"].as_array().unwrap() {
            let group = rule["apiGroups"][0].as_str().unwrap();
            for resource in texts(&rule["resources"]) {
                allowed.extend(texts(&rule["verbs"]).iter().map(|verb| format!("{verb} {resource} of {group}")));
            }
        }
    }
    assert_eq!(allowed, asked);
    let bound = |role: &Value| {
        objects.iter().any(|binding| {
            binding["kind"] == "RoleBinding"
                && binding["metadata"]["namespace"] == role["metadata"]["namespace"]
                && binding["roleRef"]["name"] == role["metadata"]["name"]
        })
    };
    let roles: Vec<&Value> = objects.iter().filter(|object| object["kind"] == "Role").collect();
    assert!(roles.len() == 2 && roles.into_iter().all(bound));
    assert!(!objects.iter().any(|object| object["kind"].as_str().unwrap().starts_with("Cluster")));
}

#[test]
fn what_our_code_asks_of_ses_is_allowed_and_nothing_else() {
    let code = ["ses.rs", "domains.rs"]
        .map(|file| std::fs::read_to_string(infra().join("../common/ses/src").join(file)).unwrap());
    // `client.get_email_identity()` is `ses:GetEmailIdentity`.
    let operation = |call: &str| -> Option<String> {
        let name = call.trim_start().strip_prefix('.')?.split_once("()")?.0;
        let words = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
        Some(format!("ses:{}", words.collect::<String>()))
    };
    let mut asked: BTreeSet<String> =
        code.iter().flat_map(|code| code.split("client").skip(1)).filter_map(operation).collect();
    assert!(asked.len() > 5, "{asked:?}");
    // Sending a message that we have written ourselves, whole.
    asked.insert("ses:SendRawEmail".to_owned());
    let allowed: BTreeSet<String> =
        rules::AT_SES.iter().flat_map(|(_, actions)| *actions).map(|action| (*action).to_owned()).collect();
    assert_eq!(allowed, asked);
}

#[test]
fn the_database_takes_all_the_connections_that_can_be_asked_for() {
    let template = main_template();
    let connections = |(id, function): (&str, &Value)| -> u64 {
        let each =
            function["Environment"]["Variables"]["DATABASE_CONNECTIONS"].as_str().unwrap().parse::<u64>().unwrap();
        let event = &function["Events"]["Hints"]["Properties"]["ScalingConfig"]["MaximumConcurrency"];
        let at_once = match (event, &function["ReservedConcurrentExecutions"]) {
            (Value::Number(number), _) | (_, Value::Number(number)) => number.as_u64().unwrap(),
            (_, Value::String(parameter)) => template.default(parameter).as_u64().unwrap(),
            _ => panic!("{id} has no bound"),
        };
        each * at_once
    };
    let most: u64 = template.of("AWS::Serverless::Function").map(connections).sum();
    let database = Template::read(&text("database.yaml"));
    let alarm = database.default("ConnectionsAlarm").as_u64().unwrap();
    assert!(most < alarm, "{most} connections are usual, and the alarm rings at {alarm}");
    for file in ["README.md", "database.yaml"] {
        assert!(text(file).contains(&format!("at most {most}")), "{file} must say that there are at most {most}");
    }
}

#[test]
fn the_metrics_are_read_from_what_is_logged() {
    // `verdict = ?verdict` and `outcome = ?first.map(|entry| entry.outcome)` of the runtime's worker.
    let template = text("template.yaml");
    assert!(template.contains(&format!("$.verdict = \"{:?}\"", Verdict::Unknown)));
    assert!(template.contains(&format!("$.verdict = \"{:?}\"", Verdict::GaveUp)));
    assert!(template.contains(&format!("$.outcome = \"{:?}\"", Some(Outcome::Unexpected))));
    // The lines of the sweeper and of who looks at the DNS.
    let of = |file: &str| std::fs::read_to_string(infra().join("../functions").join(file)).unwrap();
    let lines = [
        ("SweepLogs", of("sweep/src/main.rs")),
        ("CheckDnsLogs", of("check-dns/src/operation.rs")),
        ("CheckPortalLogs", of("check-portal/src/operation.rs")),
    ];
    let read = main_template();
    let mut fields = 0;
    for (id, filter) in read.of("AWS::Logs::MetricFilter") {
        let Some((_, logs)) = lines.iter().find(|(group, _)| filter["LogGroupName"] == *group) else { continue };
        let pattern = filter["FilterPattern"].as_str().unwrap();
        if !pattern.contains("$.message") {
            continue;
        }
        let words = pattern.split('"').nth(1).unwrap();
        let ends = [format!("\"{words}\"\n"), format!("\"{words}\");")];
        assert!(ends.iter().any(|end| logs.contains(end)), "{id} waits for the words {words:?}");
        let field = filter["MetricTransformations"][0]["MetricValue"].as_str().unwrap().strip_prefix("$.").unwrap();
        let written = [format!(" {field} = "), format!("({field} = ")];
        assert!(written.iter().any(|one| logs.contains(one)), "{id} reads {field}, which is not logged");
        fields += 1;
    }
    assert!(fields >= 16, "{fields}");
}
