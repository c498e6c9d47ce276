//! What a client says: one line, read as a command (RFC 5321 section 4.1).

/// A command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Helo(String),
    Ehlo(String),
    StartTls,
    /// The mechanism in capitals, and the initial response where there is one.
    Auth(String, Option<String>),
    Mail {
        from: String,
        size: Option<usize>,
    },
    Rcpt {
        to: String,
    },
    Data,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// 500
    Unknown,
    /// 501
    Arguments,
    /// 555
    Parameter,
}

impl Command {
    /// Reads a line without its end.
    pub(super) fn read(line: &str) -> Result<Command, Wrong> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let alone = |command| if rest.is_empty() { Ok(command) } else { Err(Wrong::Arguments) };
        match verb.to_ascii_uppercase().as_str() {
            "HELO" if !rest.is_empty() => Ok(Command::Helo(rest.to_owned())),
            "EHLO" if !rest.is_empty() => Ok(Command::Ehlo(rest.to_owned())),
            "HELO" | "EHLO" => Err(Wrong::Arguments),
            "STARTTLS" => alone(Command::StartTls),
            "AUTH" => auth(rest),
            "MAIL" => mail(rest),
            "RCPT" => rcpt(rest),
            "DATA" => alone(Command::Data),
            "RSET" => alone(Command::Rset),
            "NOOP" => Ok(Command::Noop),
            "VRFY" | "EXPN" => Ok(Command::Vrfy),
            "HELP" => Ok(Command::Help),
            "QUIT" => alone(Command::Quit),
            _ => Err(Wrong::Unknown),
        }
    }
}

fn auth(rest: &str) -> Result<Command, Wrong> {
    let mut words = rest.split_ascii_whitespace();
    let mechanism = words.next().ok_or(Wrong::Arguments)?.to_ascii_uppercase();
    let initial = words.next().map(str::to_owned);
    if words.next().is_some() { Err(Wrong::Arguments) } else { Ok(Command::Auth(mechanism, initial)) }
}

fn mail(rest: &str) -> Result<Command, Wrong> {
    let (from, parameters) = path(rest, "FROM:")?;
    let mut size = None;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SIZE", value) => size = Some(value.parse().map_err(|_| Wrong::Arguments)?),
            ("BODY", "7BIT" | "8BITMIME") | ("SMTPUTF8", "") | ("AUTH", _) => {}
            _ => return Err(Wrong::Parameter),
        }
    }
    if from.is_empty() || is_address(&from) { Ok(Command::Mail { from, size }) } else { Err(Wrong::Arguments) }
}

fn rcpt(rest: &str) -> Result<Command, Wrong> {
    let (to, parameters) = path(rest, "TO:")?;
    if !parameters.is_empty() {
        return Err(Wrong::Parameter);
    }
    let postmaster = to.eq_ignore_ascii_case("postmaster");
    if postmaster || is_address(&to) { Ok(Command::Rcpt { to }) } else { Err(Wrong::Arguments) }
}

/// `FROM:<address> parameters`. A source route before the address is dropped, as RFC 5321 asks for.
fn path<'a>(rest: &'a str, keyword: &str) -> Result<(String, &'a str), Wrong> {
    let named = rest.get(..keyword.len()).is_some_and(|start| start.eq_ignore_ascii_case(keyword));
    let rest = if named { rest[keyword.len()..].trim_start() } else { return Err(Wrong::Arguments) };
    let inside = rest.strip_prefix('<').ok_or(Wrong::Arguments)?;
    let end = closing(inside).ok_or(Wrong::Arguments)?;
    let address = &inside[..end];
    let address = if address.starts_with('@') { address.split_once(':').ok_or(Wrong::Arguments)?.1 } else { address };
    Ok((address.to_owned(), inside[end + 1..].trim()))
}

/// The `>` that ends a path; one inside a quoted local part does not.
fn closing(inside: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    inside.char_indices().find_map(|(at, letter)| {
        let plain = !std::mem::take(&mut escaped);
        match letter {
            '\\' if quoted && plain => escaped = true,
            '"' if plain => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
        None
    })
}

fn is_address(text: &str) -> bool {
    let sane = !text.chars().any(char::is_control);
    text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()) && sane
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(from: &str, size: Option<usize>) -> Result<Command, Wrong> {
        Ok(Command::Mail { from: from.to_owned(), size })
    }

    #[test]
    fn verbs_are_read_in_any_case() {
        assert_eq!(Command::read("ehlo there"), Ok(Command::Ehlo("there".to_owned())));
        assert_eq!(Command::read("Quit"), Ok(Command::Quit));
        assert_eq!(Command::read("EHLO"), Err(Wrong::Arguments));
        assert_eq!(Command::read("DATA now"), Err(Wrong::Arguments));
        assert_eq!(Command::read("BDAT 10 LAST"), Err(Wrong::Unknown));
        assert_eq!(Command::read("auth plain AGEAYg=="), Ok(Command::Auth("PLAIN".into(), Some("AGEAYg==".into()))));
    }

    #[test]
    fn paths_are_read_with_parameters_quotes_routes_and_the_empty_sender() {
        assert_eq!(Command::read("MAIL FROM:<a@b.example> SIZE=12 BODY=8BITMIME"), mail("a@b.example", Some(12)));
        assert_eq!(Command::read("mail from: <a@b.example>"), mail("a@b.example", None));
        assert_eq!(Command::read("MAIL FROM:<>"), mail("", None));
        assert_eq!(Command::read(r#"MAIL FROM:<"odd> one"@b.example>"#), mail(r#""odd> one"@b.example"#, None));
        assert_eq!(Command::read("RCPT TO:<@r.example:c@d.example>"), Ok(Command::Rcpt { to: "c@d.example".into() }));
        assert_eq!(Command::read("RCPT TO:<Postmaster>"), Ok(Command::Rcpt { to: "Postmaster".into() }));
    }

    #[test]
    fn malformed_paths_and_unknown_parameters_are_refused() {
        for line in ["MAIL FROM:a@b.example", "MAIL <a@b.example>", "RCPT TO:<>", "RCPT TO:<nobody>", "MAIL FROM:<a@b"]
        {
            assert_eq!(Command::read(line), Err(Wrong::Arguments), "{line}");
        }
        assert_eq!(Command::read("MAIL FROM:<a@b.example> COLOUR=red"), Err(Wrong::Parameter));
    }
}
