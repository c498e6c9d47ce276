//! In which order states stand in their row, so that few arrows cross: the barycentre method, down and up, and the best of it is kept.

use super::graph::Graph;
use super::layers::Layers;

/// Something that has a place in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// A state.
    State(usize),
    /// Where an arrow (by its place in the graph) goes through the row.
    Through(usize),
}

/// What stands where, and what is joined.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    /// Every node.
    pub(super) nodes: Vec<Node>,
    /// The rows: nodes from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// Pairs of nodes in rows that touch: above, below.
    pub(super) joined: Vec<(usize, usize)>,
    /// For each drawn arrow between different rows the nodes it goes through, from its beginning to its end.
    pub(super) ways: Vec<(usize, Vec<usize>)>,
}

const SWEEPS: usize = 12;

/// The rows in an order with few crossings.
pub(super) fn order(graph: &Graph, layers: &Layers) -> Ordered {
    let mut ordered = begun(graph, layers);
    let neighbours = Neighbours::of(&ordered);
    let mut best = (crossings(&ordered), ordered.rows.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let rows: Vec<usize> = if down {
            (1..ordered.rows.len()).collect()
        } else {
            (0..ordered.rows.len().saturating_sub(1)).rev().collect()
        };
        for row in rows {
            settle(&mut ordered, &neighbours, row, down);
        }
        let crossings = crossings(&ordered);
        if crossings < best.0 {
            best = (crossings, ordered.rows.clone());
        }
    }
    ordered.rows = best.1;
    ordered
}

/// States in the order of the code, and arrows that go through rows after them.
fn begun(graph: &Graph, layers: &Layers) -> Ordered {
    let mut nodes: Vec<Node> = (0..graph.states.len()).map(Node::State).collect();
    let mut rows = vec![Vec::new(); layers.count];
    for (state, row) in layers.of.iter().enumerate() {
        rows[*row].push(state);
    }
    let (mut joined, mut ways) = (Vec::new(), Vec::new());
    for at in &layers.drawn {
        let edge = &graph.edges[*at];
        let (from, to) = (layers.of[edge.from], layers.of[edge.to]);
        if from == to {
            continue;
        }
        let between: Vec<usize> = if from < to { (from + 1..to).collect() } else { (to + 1..from).rev().collect() };
        let mut way = vec![edge.from];
        for row in between {
            nodes.push(Node::Through(*at));
            rows[row].push(nodes.len() - 1);
            way.push(nodes.len() - 1);
        }
        way.push(edge.to);
        joined.extend(way.windows(2).map(|pair| if from < to { (pair[0], pair[1]) } else { (pair[1], pair[0]) }));
        ways.push((*at, way));
    }
    Ordered { nodes, rows, joined, ways }
}

/// Who is joined to whom.
struct Neighbours {
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
}

impl Neighbours {
    fn of(ordered: &Ordered) -> Self {
        let mut all =
            Self { above: vec![Vec::new(); ordered.nodes.len()], below: vec![Vec::new(); ordered.nodes.len()] };
        for (above, below) in &ordered.joined {
            all.below[*above].push(*below);
            all.above[*below].push(*above);
        }
        all
    }
}

/// Where each node stands in its row.
fn positions(ordered: &Ordered) -> Vec<usize> {
    let mut at = vec![0; ordered.nodes.len()];
    for row in &ordered.rows {
        row.iter().enumerate().for_each(|(place, node)| at[*node] = place);
    }
    at
}

/// Puts the nodes of a row to the middle of those they are joined to.
fn settle(ordered: &mut Ordered, neighbours: &Neighbours, row: usize, down: bool) {
    let at = positions(ordered);
    let middle = |node: usize| {
        let joined = if down { &neighbours.above[node] } else { &neighbours.below[node] };
        if joined.is_empty() {
            return super::super::svg::f(at[node]);
        }
        joined.iter().map(|other| super::super::svg::f(at[*other])).sum::<f64>() / super::super::svg::f(joined.len())
    };
    let mut keyed: Vec<(f64, usize)> = ordered.rows[row].iter().map(|node| (middle(*node), *node)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    ordered.rows[row] = keyed.into_iter().map(|(_, node)| node).collect();
}

/// How many pairs of arrows cross.
fn crossings(ordered: &Ordered) -> usize {
    let at = positions(ordered);
    let mut row_of = vec![0; ordered.nodes.len()];
    for (nth, row) in ordered.rows.iter().enumerate() {
        row.iter().for_each(|node| row_of[*node] = nth);
    }
    let mut by_row: Vec<Vec<(usize, usize)>> = vec![Vec::new(); ordered.rows.len()];
    for (above, below) in &ordered.joined {
        by_row[row_of[*above]].push((at[*above], at[*below]));
    }
    let cross = |pairs: &Vec<(usize, usize)>| {
        let mut count = 0;
        for (nth, a) in pairs.iter().enumerate() {
            count += pairs[nth + 1..].iter().filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1)).count();
        }
        count
    };
    by_row.iter().map(cross).sum()
}
