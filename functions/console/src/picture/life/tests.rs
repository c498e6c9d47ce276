#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{
    super::tests::{check, lines},
    diagram,
    graph::{Edge, Graph},
    layers, life, order,
    order::Node,
    place,
};

const TABLE: &str = "# small\n\n```text\nsmall (version 1)\n\nfirst: asks somebody\n  Seen   -> second\n\nsecond\n\nlast\n```\n\n\
    ```mermaid\nstateDiagram-v2\n  [*] --> first\n  first --> second: Seen\n  first --> last: GivenUp\n  second --> first: LookAgain fired\n  \
    second --> second: Told\n  second --> last: Done\n  second --> last: GivenUp\n  last --> [*]\n```\n";

/// Every life there is, drawn in a state of its own; and, where `PICTURES_TO` says so, written to a page to look at.
#[test]
fn every_life_is_drawn_with_all_its_states() {
    let mut page = format!(
        "<!doctype html><style>{}{}</style><body>",
        include_str!("../../assets/style.css"),
        include_str!("../../assets/picture.css")
    );
    for kind in tenantry_workflows::kinds() {
        let Some(table) = tenantry_workflows::printed(kind.kind()) else { continue };
        let graph = Graph::parse(table);
        let picture = life(kind.kind(), &graph.states[graph.states.len() / 2]);
        check(&picture);
        assert_eq!(picture.0.matches("<g class=\"pic-state").count(), graph.states.len(), "{}", kind.kind());
        assert_eq!(picture.0.matches("pic-state pic-here").count(), 2, "the state and the legend: {}", kind.kind());
        page.push_str(&format!("<h2>{}</h2><div class=picture>{}</div>", kind.kind(), picture.0));
    }
    if let Ok(folder) = std::env::var("PICTURES_TO") {
        std::fs::write(std::path::Path::new(&folder).join("lives.html"), page).unwrap();
    }
}

#[test]
fn a_table_is_read_into_states_and_arrows() {
    let graph = Graph::parse(TABLE);
    assert_eq!(graph.states, ["first", "second", "last"]);
    assert_eq!((graph.starts.as_slice(), graph.ends.as_slice()), ([0].as_slice(), [2].as_slice()));
    let between =
        |from, to| graph.edges.iter().find(|edge| (edge.from, edge.to) == (from, to)).map(|edge| edge.labels.clone());
    assert_eq!(
        between(1, 2),
        Some(vec!["Done".to_owned(), "GivenUp".to_owned()]),
        "two arrows between the same states are one"
    );
    assert_eq!(graph.edges.len(), 4);
    assert_eq!(graph.again.get(&1), Some(&vec!["Told".to_owned()]));
}

#[test]
fn a_small_life_looks_like_this() {
    let picture = diagram("small", &Graph::parse(TABLE), "second");
    check(&picture);
    insta::assert_snapshot!(lines(&picture));
}

#[test]
fn a_state_that_everything_leads_to_stands_below_and_its_arrows_are_said() {
    let edges = (1..9).flat_map(|to| [Edge { from: 0, to, labels: vec![] }, Edge { from: to, to: 9, labels: vec![] }]);
    let graph = Graph {
        states: (0..10).map(|n| format!("s{n}")).collect(),
        edges: edges.collect(),
        starts: vec![0],
        ..Graph::default()
    };
    let layers = layers::layers(&graph);
    assert_eq!((layers.of[9], layers.hub[9], layers.drawn.len()), (2, 8, 8));
    let picture = diagram("any", &graph, "s9").0;
    assert!(
        picture.contains("from 8 states") && picture.contains("The arrows to s9 from 8 states are not drawn."),
        "{picture}"
    );
}

#[test]
fn a_kind_of_another_version_has_no_picture() {
    assert_eq!(life("of_tomorrow", "new").0, "");
}

fn any_graph() -> impl Strategy<Value = Graph> {
    let states = prop::collection::vec("[a-zA-Z_<>&\"' ]{0,40}", 1..24);
    let arrows = prop::collection::vec(
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[a-zA-Z<>& ]{0,20}"),
        0..70,
    );
    (states, arrows, prop::collection::vec(any::<prop::sample::Index>(), 0..3)).prop_map(|(states, arrows, starts)| {
        let starts = starts.into_iter().map(|start| start.index(states.len())).collect();
        let mut graph = Graph { starts, states, ..Graph::default() };
        for (from, to, label) in arrows {
            let (from, to) = (from.index(graph.states.len()), to.index(graph.states.len()));
            if from != to && !graph.edges.iter().any(|edge| (edge.from, edge.to) == (from, to)) {
                graph.edges.push(Edge { from, to, labels: vec![label] });
            }
        }
        graph
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_graph_is_drawn_within_its_picture(graph in any_graph(), state in "[a-z<&]{0,9}") {
        check(&diagram("any < kind", &graph, &state));
        check(&diagram("any & kind", &graph, &graph.states[0]));
    }

    #[test]
    fn no_two_boxes_lie_on_each_other(graph in any_graph()) {
        let layers = layers::layers(&graph);
        let ordered = order::order(&graph, &layers);
        let placed = place::place(&graph, &layers, &ordered);
        for (nth, a) in placed.boxes.iter().enumerate() {
            for b in &placed.boxes[nth + 1..] {
                let apart = a.x + a.width <= b.x + 0.1 || b.x + b.width <= a.x + 0.1 || a.y + a.height <= b.y + 0.1 || b.y + b.height <= a.y + 0.1;
                prop_assert!(apart, "{a:?} {b:?}");
            }
        }
        // An arrow goes through rows beside the boxes, not over them.
        for way in &placed.ways {
            for pair in way.points.windows(2).skip(1).step_by(2) {
                let [(x, from), (_, to)] = [pair[0], pair[1]];
                let (top, bottom) = (from.min(to), from.max(to));
                let over = placed.boxes.iter().find(|own| own.x + 0.1 < x && x < own.x + own.width - 0.1 && own.y < bottom && top < own.y + own.height);
                prop_assert!(over.is_none(), "{way:?} goes over {over:?}");
            }
        }
        let states = ordered.nodes.iter().filter(|node| matches!(node, Node::State(_))).count();
        prop_assert_eq!(states, graph.states.len());
    }
}
