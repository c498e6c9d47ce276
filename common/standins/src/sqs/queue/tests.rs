//! The queue by virtual time: nothing here waits.
#![allow(clippy::unwrap_used)]

use super::*;

struct Fixture {
    messages: Messages,
    settings: Settings,
    start: Now,
    seconds: u64,
}

impl Fixture {
    fn new(attributes: &[(&str, &str)]) -> Fixture {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings::default().with(&attributes).unwrap();
        Fixture { messages: Messages::default(), settings, start: Now::read(), seconds: 0 }
    }

    fn now(&self) -> Now {
        let passed = Duration::from_secs(self.seconds);
        Now { instant: self.start.instant + passed, wall: self.start.wall + passed }
    }

    fn put(&mut self, body: &str, delay: u64, earlier: u64) {
        let message = Message::new(body.to_owned(), body.to_owned(), String::new(), Attributes::new(), self.now());
        let now = self.now();
        self.messages.put(message, &self.settings, Duration::from_secs(delay), earlier, now);
    }

    fn take(&mut self, most: usize) -> Vec<(u64, u32, String)> {
        let now = self.now();
        let taken = self.messages.take(most, self.settings.visibility, None, now);
        taken.messages.into_iter().map(|(key, message)| (key, message.receives, message.body)).collect()
    }

    fn depth(&mut self) -> (usize, usize, usize) {
        let now = self.now();
        let depth = self.messages.depth(now);
        (depth.visible, depth.in_flight, depth.delayed)
    }
}

#[test]
fn messages_come_in_order_and_hide_until_their_time_is_up() {
    let mut queue = Fixture::new(&[]);
    for body in ["a", "b", "c"] {
        queue.put(body, 0, 0);
    }
    let bodies: Vec<_> = queue.take(2).into_iter().map(|taken| taken.2).collect();
    assert_eq!(bodies, ["a", "b"]);
    assert_eq!(queue.depth(), (1, 2, 0));
    queue.seconds = 29;
    assert_eq!(queue.take(10).len(), 1);
    queue.seconds = 30;
    assert_eq!(
        queue.take(10).iter().map(|taken| (taken.1, taken.2.as_str())).collect::<Vec<_>>(),
        [(2, "a"), (2, "b")]
    );
}

#[test]
fn a_delayed_message_appears_when_its_delay_is_over() {
    let mut queue = Fixture::new(&[]);
    queue.put("later", 5, 0);
    assert_eq!((queue.depth(), queue.take(1).len()), ((0, 0, 1), 0));
    assert_eq!(queue.messages.next_change(), Some(queue.start.instant + Duration::from_secs(5)));
    queue.seconds = 5;
    assert_eq!((queue.depth(), queue.take(1).len(), queue.depth()), ((1, 0, 0), 1, (0, 1, 0)));
}

#[test]
fn only_the_last_receive_deletes_and_a_second_delete_changes_nothing() {
    let mut queue = Fixture::new(&[]);
    queue.put("a", 0, 0);
    let first = queue.take(1).remove(0);
    queue.seconds = 31;
    let second = queue.take(1).remove(0);
    queue.messages.delete(first.0, first.1);
    assert_eq!(queue.depth(), (0, 1, 0));
    queue.messages.delete(second.0, second.1);
    queue.messages.delete(second.0, second.1);
    assert_eq!(queue.depth(), (0, 0, 0));
}

#[test]
fn a_receive_that_timed_out_still_deletes_until_somebody_else_receives() {
    let mut queue = Fixture::new(&[]);
    queue.put("a", 0, 0);
    let taken = queue.take(1).remove(0);
    queue.seconds = 31;
    assert_eq!(queue.depth(), (1, 0, 0));
    queue.messages.delete(taken.0, taken.1);
    assert_eq!((queue.depth(), queue.take(1).len()), ((0, 0, 0), 0));
}

#[test]
fn visibility_is_prolonged_ended_and_refused_for_what_is_not_in_flight() {
    let mut queue = Fixture::new(&[]);
    queue.put("a", 0, 0);
    let (key, receive, _) = queue.take(1).remove(0);
    queue.seconds = 29;
    let now = queue.now();
    queue.messages.change(key, receive, Duration::from_secs(30), now).unwrap();
    queue.seconds = 58;
    assert_eq!(queue.take(1).len(), 0);
    let now = queue.now();
    queue.messages.change(key, receive, Duration::ZERO, now).unwrap();
    assert_eq!(queue.depth(), (1, 0, 0));
    let error = queue.messages.change(key, receive, Duration::ZERO, now).unwrap_err();
    assert_eq!(error.name, "MessageNotInflight");
    queue.messages.delete(key, receive);
    let error = queue.messages.change(key, receive, Duration::ZERO, now).unwrap_err();
    assert_eq!(error.name, "InvalidParameterValue");
}

#[test]
fn a_message_received_too_often_is_handed_over_instead_of_out() {
    let mut queue = Fixture::new(&[("VisibilityTimeout", "0")]);
    queue.put("poison", 0, 0);
    queue.put("fine", 0, 0);
    assert_eq!(queue.take(1)[0].1, 1);
    assert_eq!(queue.take(1)[0].1, 2);
    let now = queue.now();
    let taken = queue.messages.take(1, Duration::ZERO, Some(2), now);
    assert_eq!(taken.dead.iter().map(|dead| dead.body.as_str()).collect::<Vec<_>>(), ["poison"]);
    assert_eq!(taken.messages[0].1.body, "fine");
}

#[test]
fn what_outlives_its_retention_is_gone_and_a_moved_message_keeps_its_age() {
    let mut queue = Fixture::new(&[("MessageRetentionPeriod", "60")]);
    queue.put("old", 0, 0);
    let sent = queue.start;
    queue.seconds = 59;
    assert_eq!(queue.depth().0, 1);
    let moved = Message::new("moved".into(), "moved".into(), String::new(), Attributes::new(), sent);
    let now = queue.now();
    queue.messages.put(moved, &queue.settings, Duration::ZERO, 0, now);
    queue.seconds = 60;
    assert_eq!((queue.take(10).len(), queue.depth()), (0, (0, 0, 0)));
}

#[test]
fn a_message_may_be_moved_ahead_of_others() {
    let mut queue = Fixture::new(&[]);
    queue.put("a", 0, 0);
    queue.put("b", 0, 0);
    queue.put("c", 0, 2);
    let bodies: Vec<_> = queue.take(3).into_iter().map(|taken| taken.2).collect();
    assert_eq!(bodies, ["a", "c", "b"]);
}
