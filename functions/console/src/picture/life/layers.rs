//! Which state stands in which row.
//!
//! A state stands as many rows down as it is arrows away from the beginning (so that an arrow that goes on leads to the next row at
//! most). A state that many others lead to, such as "withdrawing", would pull everything together: it stands below all of them with what
//! comes after it, and the arrows to it are said in words.

use std::collections::VecDeque;

use super::graph::{Edge, Graph};

/// Reached from so many states, and more than a third of all, a state has its arrows in words.
const MANY: usize = 6;

/// The rows.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    /// The row of each state, from 0.
    pub(super) of: Vec<usize>,
    /// How many rows.
    pub(super) count: usize,
    /// The arrows that are drawn, by their place in the graph.
    pub(super) drawn: Vec<usize>,
    /// From how many states one is reached whose arrows are not drawn; 0 where they are.
    pub(super) hub: Vec<usize>,
}

/// The rows of a graph.
pub(super) fn layers(graph: &Graph) -> Layers {
    let many = graph.states.len();
    let mut reached = vec![0usize; many];
    graph.edges.iter().for_each(|edge| reached[edge.to] += 1);
    let enough = MANY.max(many.div_ceil(3) + 1);
    let is_hub = |state: usize| reached[state] >= enough && graph.starts.iter().min() != Some(&state);
    let mut of: Vec<Option<usize>> = vec![None; many];
    let mut next = 0;
    // Most begin where the code begins; what else may be a beginning is reached from there, mostly.
    let first: Vec<usize> = graph.starts.iter().min().copied().into_iter().collect();
    let others: Vec<usize> = graph.starts.iter().copied().filter(|state| !is_hub(*state)).collect();
    let hubs: Vec<usize> = (0..many).filter(|state| is_hub(*state)).collect();
    for from in [first, others, hubs] {
        walk(graph, &mut of, &from, next, &is_hub);
        next = of.iter().flatten().max().map_or(0, |row| row + 1);
    }
    // What nothing leads to, which no life has.
    for state in 0..many {
        walk(graph, &mut of, &[state], next, &is_hub);
    }
    let of: Vec<usize> = of.into_iter().map(Option::unwrap_or_default).collect();
    let drawn = |edge: &Edge| !is_hub(edge.to);
    Layers {
        count: of.iter().max().map_or(0, |row| row + 1),
        drawn: (0..graph.edges.len()).filter(|at| drawn(&graph.edges[*at])).collect(),
        hub: (0..many).map(|state| if is_hub(state) { reached[state] } else { 0 }).collect(),
        of,
    }
}

/// Breadth first from some states that have no row yet, into whatever has none.
fn walk(graph: &Graph, of: &mut [Option<usize>], from: &[usize], row: usize, is_hub: &impl Fn(usize) -> bool) {
    let mut queue = VecDeque::new();
    for state in from {
        if of[*state].is_none() {
            of[*state] = Some(row);
            queue.push_back((*state, row));
        }
    }
    while let Some((state, row)) = queue.pop_front() {
        for edge in graph.edges.iter().filter(|edge| edge.from == state) {
            if of[edge.to].is_none() && !is_hub(edge.to) {
                of[edge.to] = Some(row + 1);
                queue.push_back((edge.to, row + 1));
            }
        }
    }
}
