//! Everything that will be done, drawn from a seed before anything is done.

pub(super) mod letters;
mod mail;

use std::time::Duration;

use fastrand::Rng;
use tenantry_model::MessageId;
use tenantry_standins::{resend, smtp, sqs::Misbehaviour};
use tenantry_workflows::tenant_onboarding::Credential;

/// How big the chaos is to be.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What everything is drawn from.
    pub seed: u64,
    /// For how long things are broken; it takes a while longer until nothing moves any more.
    pub seconds: u64,
    /// Onboardings started meanwhile.
    pub tenants: usize,
    /// Messages sent meanwhile.
    pub letters: usize,
    /// Worker processes.
    pub workers: usize,
    /// What carries mail.
    pub carrier: Carrier,
}

/// What carries mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A mail server, which sends twice what it is told twice.
    Smtp,
    /// Resend, which knows what it was told under a key; and a mail server where it does not take it.
    Resend,
}

/// What will be done, and when, counted from the start.
#[derive(Debug, Clone)]
pub struct Plan {
    pub options: Options,
    pub blows: Vec<(Duration, Blow)>,
    pub guests: Vec<Guest>,
    pub letters: Vec<Letter>,
    /// Health runs: they use timers, which onboarding does not.
    pub drills: Vec<Duration>,
}

/// Something that is broken, or mended.
#[derive(Debug, Clone)]
pub enum Blow {
    KillWorker(usize),
    KillSweeper(usize),
    /// A worker stands still for this long.
    FreezeWorker(usize, Duration),
    /// The database is killed (`true`) or stopped, and comes back after this long.
    Database {
        kill: bool,
        away: Duration,
    },
    /// The line to the database is cut with this probability at each packet.
    Wire(f64),
    Queue(Misbehaviour),
    Mail(u64, Vec<smtp::Rule>),
    /// The other carrier, where there is one.
    Resend(u64, Vec<resend::Rule>),
    /// No mail server listens for this long.
    MailAway(Duration),
}

/// One who wishes to be onboarded.
#[derive(Debug, Clone)]
pub struct Guest {
    pub at: Duration,
    pub name: String,
    pub email: String,
    pub company: Option<String>,
    pub external_key: Option<String>,
    pub credential: Credential,
    /// Started by two callers at the very same moment.
    pub twice: bool,
    /// What is wished, and how long after the start.
    pub wishes: Vec<(Duration, Wish)>,
    /// When two callers try to read the credential, after the start.
    pub read: Option<Duration>,
}

impl Guest {
    /// One that is there before all others, and wishes nothing more.
    pub(super) fn house(number: usize) -> Self {
        Self {
            at: Duration::ZERO,
            name: format!("House {number}"),
            email: format!("admin@house-{number}.example"),
            company: None,
            external_key: None,
            credential: Credential::Password,
            twice: false,
            wishes: Vec::new(),
            read: None,
        }
    }
}

/// One who sends a message.
#[derive(Debug, Clone)]
pub struct Letter {
    pub id: MessageId,
    pub at: Duration,
    /// Of which of the tenants that were there before.
    pub house: usize,
    pub to: String,
    /// It holds a credential.
    pub sensitive: bool,
    /// It has a file with it, so that it goes in no batch.
    pub file: bool,
    /// Seconds before it may leave.
    pub wait: u64,
    /// Handed in by two callers at the very same moment.
    pub twice: bool,
    /// What is wished, and how long after it was acknowledged.
    pub wishes: Vec<(Duration, Wish)>,
}

/// What a caller wishes of a run.
#[derive(Debug, Clone)]
pub enum Wish {
    Cancel,
    Update {
        field: &'static str,
        value: String,
    },
    /// Of a message: that it does not leave.
    CallOff,
    /// Of a message: that it leaves at another time.
    Reschedule {
        wait: u64,
    },
}

impl Plan {
    /// The plan of a seed.
    pub fn draw(options: Options) -> Self {
        let mut rng = Rng::with_seed(options.seed);
        // What is done to the world does not depend on how many come.
        let mut world = rng.fork();
        let long = Duration::from_secs(options.seconds);
        let mut blows = Vec::new();
        let mut at = Duration::from_millis(500);
        let mut database_back = Duration::ZERO;
        while at < long {
            let blow = draw_blow(&mut world, options);
            if let Blow::Database { away, .. } = blow {
                // It must have time to come back between two blows, or nothing ever happens.
                if at > database_back {
                    database_back = at + away + Duration::from_secs(4);
                    blows.push((at, blow));
                }
            } else {
                blows.push((at, blow));
            }
            at += millis(&mut world, 100..900);
        }
        let mut guests: Vec<Guest> = Vec::new();
        for number in 1..=options.tenants {
            let guest = draw_guest(&mut rng, number, &guests, long);
            guests.push(guest);
        }
        let drills = (0..options.tenants / 20).map(|_| long.mul_f64(rng.f64())).collect();
        let letters = letters::draw(&mut rng, options);
        Self { options, blows, guests, letters, drills }
    }

    /// How many tenants there are before anything is broken, for those who send messages.
    pub(super) fn houses(&self) -> usize {
        letters::houses(self.options)
    }
}

fn millis(rng: &mut Rng, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}

/// While the first steps are done, or when something may already stand in the way.
fn soon(rng: &mut Rng) -> Duration {
    if rng.bool() { millis(rng, 0..60) } else { millis(rng, 0..1_500) }
}

fn draw_blow(rng: &mut Rng, Options { workers, carrier, .. }: Options) -> Blow {
    match rng.u32(0..100) {
        0..30 => Blow::KillWorker(rng.usize(0..workers)),
        30..35 => {
            let long = if rng.bool() { millis(rng, 500..4_000) } else { millis(rng, 8_000..16_000) };
            Blow::FreezeWorker(rng.usize(0..workers), long)
        }
        35..45 => Blow::KillSweeper(rng.usize(0..super::SWEEPERS)),
        45..55 => Blow::Database { kill: rng.u32(0..3) > 0, away: millis(rng, 0..2_500) },
        55..68 => Blow::Wire(if rng.bool() { 0.0 } else { rng.f64() * 0.01 }),
        68..82 => Blow::Queue(draw_queue(rng)),
        82..96 if carrier == Carrier::Resend && rng.bool() => Blow::Resend(rng.u64(..), mail::draw_resend(rng)),
        82..96 => Blow::Mail(rng.u64(..), mail::draw_smtp(rng)),
        _ => Blow::MailAway(millis(rng, 200..2_000)),
    }
}

fn draw_queue(rng: &mut Rng) -> Misbehaviour {
    let mut up_to = |most: f64| if rng.bool() { rng.f64() * most } else { 0.0 };
    Misbehaviour {
        drop: up_to(0.4),
        duplicate: up_to(0.6),
        delay: up_to(0.6),
        reorder: up_to(0.8),
        fail_requests: up_to(0.25),
        longest_delay: millis(rng, 100..3_000),
        seed: rng.u64(..),
    }
}

fn draw_guest(rng: &mut Rng, number: usize, earlier: &[Guest], long: Duration) -> Guest {
    let one_in = |rng: &mut Rng, n: u32| rng.u32(0..n) == 0;
    let another = (!earlier.is_empty()).then(|| rng.choice(earlier)).flatten();
    let same_address = one_in(rng, 12);
    let same_name = one_in(rng, 8);
    let has_key = one_in(rng, 3);
    let same_key = one_in(rng, 15);
    let key = another.filter(|_| same_key).and_then(|other| other.external_key.clone());
    let mut wishes = Vec::new();
    if one_in(rng, 6) {
        wishes.push((soon(rng), Wish::Cancel));
    }
    while one_in(rng, 3) {
        wishes.push((soon(rng), draw_update(rng, number)));
    }
    wishes.sort_by_key(|(after, _)| *after);
    Guest {
        at: long.mul_f64(rng.f64() * 0.95),
        name: another.filter(|_| same_name).map_or_else(|| format!("Guest {number}"), |other| other.name.clone()),
        email: another
            .filter(|_| same_address)
            .map_or_else(|| format!("admin@guest-{number}.example"), |other| other.email.to_uppercase()),
        company: (!one_in(rng, 4)).then(|| format!("Company of guest {number}")),
        external_key: key.or_else(|| has_key.then(|| format!("key-{number}"))),
        credential: if one_in(rng, 5) { Credential::Invite } else { Credential::Password },
        twice: has_key && one_in(rng, 2),
        wishes,
        read: one_in(rng, 2).then(|| millis(rng, 500..6_000)),
    }
}

fn draw_update(rng: &mut Rng, number: usize) -> Wish {
    let (field, value) = match rng.u32(0..6) {
        0 => ("tenantName", format!("Renamed guest {number}")),
        1 => ("contractLine", "gold".to_owned()),
        2 => ("companyName", format!("Renamed company {number}")),
        3 => ("adminUser.firstName", "Grace".to_owned()),
        4 => ("adminUser.lastName", "Hopper".to_owned()),
        _ => ("adminUser.email", format!("moved@guest-{number}.example")),
    };
    Wish::Update { field, value }
}
