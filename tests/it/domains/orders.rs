//! Two tenants, one name, in every order of what they can do; the provider's deletions fail now and then. What must be true of them
//! is looked at after every step; in the end, whoever has the zone gets the name.

use std::time::Duration;

use futures::future::join_all;
use local::Run;
use tenantry_standins::resend::Route;
use tenantry_tests::{TestStack, domains::DOMAINS, rivals::Rivals};

/// What one of them does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Adds,
    /// The zone's owner publishes what it is shown.
    Publishes,
    Removes,
}

use Move::{Adds, Publishes, Removes};

/// The first one's way, and the second one's.
const FIRST: [Move; 4] = [Adds, Publishes, Removes, Adds];
const SECOND: [Move; 3] = [Adds, Publishes, Removes];

/// How the provider's deletions go.
#[derive(Debug, Clone, Copy)]
enum Deletions {
    Work,
    /// So many times they do not.
    Fail(u32),
    /// They do not until somebody mends it.
    Stuck,
}

/// How stacks share the work; each has a clock of its own.
const STACKS: usize = 3;

/// Every order in which both can go their ways: 35.
fn orders() -> Vec<Vec<(usize, Move)>> {
    let steps = FIRST.len() + SECOND.len();
    (0_u32..1 << steps)
        .filter(|choice| choice.count_ones() as usize == FIRST.len())
        .map(|choice| {
            let (mut first, mut second) = (FIRST.iter(), SECOND.iter());
            (0..steps)
                .filter_map(|step| match choice >> step & 1 {
                    1 => first.next().map(|to| (0, *to)),
                    _ => second.next().map(|to| (1, *to)),
                })
                .collect()
        })
        .collect()
}

/// Plays one order. `moves_over`: who publishes takes the other's text away, since the zone has changed hands.
async fn play(rivals: &mut Rivals<'_>, order: &[(usize, Move)], deletions: Deletions, moves_over: bool) {
    let stack = rivals.stack;
    match deletions {
        Deletions::Work => stack.resend().behave(),
        Deletions::Fail(times) => stack.breaks_at(Route::DeleteDomain, Some(times)),
        Deletions::Stuck => stack.breaks_at(Route::DeleteDomain, None),
    }
    for (who, to) in order {
        match to {
            Adds => rivals.adds(*who).await,
            Removes => rivals.removes(*who).await,
            Publishes => {
                if moves_over {
                    rivals.forgets_texts();
                }
                rivals.publishes(*who).await;
            }
        }
    }
    // The zone is the second one's from now on, nobody else wants the name, and the provider works.
    stack.resend().behave();
    rivals.removes(0).await;
    while rivals.state(0).await == "deletion_stuck" {
        rivals.waits(Duration::from_secs(86_400)).await;
    }
    rivals.forgets_texts();
    rivals.adds(1).await;
    while rivals.state(1).await == "deletion_stuck" {
        rivals.waits(Duration::from_secs(86_400)).await;
    }
    if rivals.state(1).await == "deactivated" {
        rivals.adds(1).await;
    }
    if rivals.state(1).await == "disputed" {
        rivals.refreshes(1).await;
        rivals.waits(Duration::from_secs(7 * 86_400 + 60)).await;
    }
    rivals.publishes(1).await;
    let states = (rivals.state(0).await, rivals.state(1).await);
    assert_eq!(
        states,
        ("deactivated".to_owned(), "verified".to_owned()),
        "after {order:?}, {deletions:?}, {moves_over}"
    );
    rivals.removes(1).await;
    assert_eq!(rivals.state(1).await, "deactivated");
    assert!(stack.resend().domains().is_empty(), "{order:?}");
}

#[tokio::test]
async fn in_every_order_only_who_has_shown_the_zone_gets_the_name_and_in_the_end_its_owner_does() {
    let orders = orders();
    assert_eq!(orders.len(), 35);
    let share = async |part: usize| {
        let stack = TestStack::with(&DOMAINS, Run::ALL).await;
        let tenants = stack.tenants(2 * orders.len()).await;
        for (number, order) in orders.iter().enumerate().filter(|(number, _)| number % STACKS == part) {
            let two = [tenants[2 * number], tenants[2 * number + 1]];
            let mut rivals = Rivals::new(&stack, &format!("acme-{number}.test"), two);
            let deletions = [Deletions::Work, Deletions::Fail(3), Deletions::Stuck][number / 2 % 3];
            play(&mut rivals, order, deletions, number % 2 == 0).await;
        }
    };
    join_all((0..STACKS).map(share)).await;
}
