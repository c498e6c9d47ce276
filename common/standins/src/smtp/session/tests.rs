//! Conversations without a socket.
#![allow(clippy::unwrap_used)]

use super::*;

fn session(tls: Tls, auth: Auth) -> Session {
    Session::new(Policy { tls, auth, max_size: 1000 }, tls == Tls::Implicit)
}

fn code(session: &mut Session, line: &str) -> String {
    let next = if session.in_exchange() { session.exchange(line) } else { session.command(Command::read(line)) };
    let (Next::Say(words) | Next::Upgrade(words) | Next::ReadData(words) | Next::Close(words)) = next;
    words[..3].to_owned()
}

fn talk(session: &mut Session, lines: &[(&str, &str)]) {
    for (line, expected) in lines {
        assert_eq!(code(session, line), *expected, "{line}");
    }
}

fn login() -> Login {
    Login::new("tenantry", "open sesame")
}

#[test]
fn a_message_is_taken_in_order_and_refused_out_of_order() {
    let mut session = session(Tls::Off, Auth::Off);
    talk(
        &mut session,
        &[
            ("MAIL FROM:<a@b.example>", "503"),
            ("EHLO me", "250"),
            ("RCPT TO:<c@d.example>", "503"),
            ("DATA", "503"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("MAIL FROM:<a@b.example>", "503"),
            ("DATA", "554"),
            ("RCPT TO:<c@d.example>", "250"),
            ("RCPT TO:<e@f.example>", "250"),
            ("DATA", "354"),
        ],
    );
    let envelope = session.take_envelope();
    assert_eq!(envelope, ("a@b.example".to_owned(), vec!["c@d.example".to_owned(), "e@f.example".to_owned()]));
    talk(&mut session, &[("RCPT TO:<c@d.example>", "503"), ("QUIT", "221")]);
}

#[test]
fn rset_and_a_new_hello_forget_the_envelope() {
    for line in ["RSET", "EHLO again", "HELO again"] {
        let mut session = session(Tls::Off, Auth::Off);
        talk(&mut session, &[("HELO me", "250"), ("MAIL FROM:<>", "250"), ("RCPT TO:<c@d.example>", "250")]);
        talk(&mut session, &[(line, "250"), ("DATA", "503")]);
    }
}

#[test]
fn with_tls_required_nothing_goes_before_it_and_nothing_is_remembered_after_it() {
    let mut session = session(Tls::Required, Auth::Required(login()));
    let Next::Say(offer) = session.command(Command::read("EHLO me")) else { panic!("no answer") };
    assert!(offer.contains("STARTTLS") && !offer.contains("AUTH"), "{offer}");
    talk(&mut session, &[("MAIL FROM:<a@b.example>", "530"), ("AUTH PLAIN", "530"), ("STARTTLS", "220")]);
    session.encrypted();
    talk(&mut session, &[("MAIL FROM:<a@b.example>", "503")]);
    let Next::Say(offer) = session.command(Command::read("EHLO me")) else { panic!("no answer") };
    assert!(!offer.contains("STARTTLS") && offer.contains("AUTH PLAIN LOGIN"), "{offer}");
    talk(&mut session, &[("STARTTLS", "503"), ("MAIL FROM:<a@b.example>", "530")]);
}

#[test]
fn plain_and_login_open_with_the_right_password_only() {
    let plain = |password: &str| STANDARD.encode(format!("\0tenantry\0{password}"));
    let (name, right, wrong) = (STANDARD.encode("tenantry"), STANDARD.encode("open sesame"), STANDARD.encode("x"));
    for lines in [
        vec![(format!("AUTH PLAIN {}", plain("open sesame")), "235")],
        vec![("AUTH PLAIN".to_owned(), "334"), (plain("open sesame"), "235")],
        vec![("AUTH LOGIN".to_owned(), "334"), (name.clone(), "334"), (right.clone(), "235")],
        vec![(format!("AUTH LOGIN {name}"), "334"), (right, "235")],
    ] {
        let mut session = session(Tls::Off, Auth::Required(login()));
        talk(&mut session, &[("EHLO me", "250"), ("MAIL FROM:<a@b.example>", "530")]);
        lines.iter().for_each(|(line, expected)| assert_eq!(code(&mut session, line), *expected, "{line}"));
        talk(&mut session, &[("MAIL FROM:<a@b.example>", "250")]);
    }
    for lines in [
        vec![(format!("AUTH PLAIN {}", plain("guess")), "535")],
        vec![(format!("AUTH LOGIN {name}"), "334"), (wrong, "535")],
        vec![("AUTH PLAIN".to_owned(), "334"), ("*".to_owned(), "501")],
        vec![("AUTH PLAIN %%%".to_owned(), "501"), ("AUTH CRAM-MD5".to_owned(), "504")],
    ] {
        let mut session = session(Tls::Off, Auth::Required(login()));
        talk(&mut session, &[("EHLO me", "250")]);
        lines.iter().for_each(|(line, expected)| assert_eq!(code(&mut session, line), *expected, "{line}"));
        talk(&mut session, &[("MAIL FROM:<a@b.example>", "530")]);
    }
}

#[test]
fn an_announced_size_over_the_limit_is_refused_at_once() {
    let mut session = session(Tls::Off, Auth::Off);
    talk(&mut session, &[("EHLO me", "250"), ("MAIL FROM:<a@b.example> SIZE=1001", "552")]);
    talk(&mut session, &[("MAIL FROM:<a@b.example> SIZE=1000", "250")]);
}

#[test]
fn whoever_errs_too_often_is_sent_away() {
    let mut session = session(Tls::Off, Auth::Off);
    let answers: Vec<_> = (0..=MAX_ERRORS).map(|_| code(&mut session, "WHAT")).collect();
    assert!(answers[..MAX_ERRORS as usize].iter().all(|answer| answer == "500"));
    assert_eq!(answers.last().unwrap(), "421");
}
