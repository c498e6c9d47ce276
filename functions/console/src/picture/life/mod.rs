//! A life as a diagram: its states in layers, the arrows between them, and where it is now.

mod draw;
mod graph;
mod layers;
mod order;
mod place;

use maud::{Markup, html};

use graph::Graph;

/// The diagram of a kind of run with the present state marked. Nothing for a kind that this version does not know.
pub(crate) fn life(kind: &str, state: &str) -> Markup {
    match tenantry_workflows::printed(kind) {
        Some(table) => diagram(kind, &Graph::parse(table), state),
        None => html! {},
    }
}

/// Any graph.
fn diagram(kind: &str, graph: &Graph, state: &str) -> Markup {
    let layered = layers::layers(graph);
    let ordered = order::order(graph, &layered);
    let placed = place::place(graph, &layered, &ordered);
    draw::draw(kind, graph, &layered, &placed, state)
}

#[cfg(test)]
pub(super) mod tests;
