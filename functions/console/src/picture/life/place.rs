//! Where everything stands, in pixels: each node as near to those it is joined to as its neighbours in the row let it.

use super::{
    super::{svg::f, text},
    graph::Graph,
    layers::Layers,
    order::{Node, Ordered},
};

/// Between two rows.
const GAP_Y: f64 = 44.0;
/// Between two nodes of a row.
const GAP_X: f64 = 18.0;
/// How deep an arc between two states of a row reaches at most.
pub(super) const ARC: f64 = 24.0;
/// Room that an arrow takes in a row.
const LANE: f64 = 8.0;
/// Around the whole.
pub(super) const EDGE: f64 = 14.0;
/// A line of a box, and what is above and below the lines.
pub(super) const LINE: f64 = 15.0;
const INSIDE: f64 = 14.0;
const PASSES: usize = 24;

/// A box.
#[derive(Debug, Clone)]
pub(super) struct Box {
    /// Its left edge.
    pub(super) x: f64,
    /// Its upper edge.
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// What stands in it.
    pub(super) lines: Vec<String>,
    /// Below them, smaller: from how many states it is reached.
    pub(super) note: Option<String>,
}

/// An arrow: points from its beginning to its end. Between two of them it goes up or down, or through a row.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Its place in the graph.
    pub(super) edge: usize,
    /// Where it goes.
    pub(super) points: Vec<(f64, f64)>,
}

/// Everything in its place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) width: f64,
    pub(super) height: f64,
    /// By state.
    pub(super) boxes: Vec<Box>,
    /// Arrows between rows.
    pub(super) ways: Vec<Way>,
}

/// Places everything.
pub(super) fn place(graph: &Graph, layers: &Layers, ordered: &Ordered) -> Placed {
    let mut boxes: Vec<Box> = graph.states.iter().zip(&layers.hub).map(|(state, hub)| measured(state, *hub)).collect();
    let wide: Vec<f64> = ordered
        .nodes
        .iter()
        .map(|node| if let Node::State(state) = node { boxes[*state].width } else { LANE })
        .collect();
    let middles = middles(ordered, &wide);
    let left = (0..wide.len()).map(|at| middles[at] - wide[at] / 2.0).fold(f64::INFINITY, f64::min);
    let left = if left.is_finite() { left } else { 0.0 };
    let x: Vec<f64> = middles.iter().map(|middle| middle - left + EDGE).collect();
    let width = (0..wide.len()).map(|at| x[at] + wide[at] / 2.0).fold(0.0, f64::max) + EDGE;

    let mut rows = Vec::new();
    let mut y = EDGE;
    for row in &ordered.rows {
        let heights = row.iter().filter_map(|node| match ordered.nodes[*node] {
            Node::State(state) => Some(boxes[state].height),
            Node::Through(_) => None,
        });
        let height = heights.fold(0.0, f64::max);
        for node in row {
            if let Node::State(state) = ordered.nodes[*node] {
                let own = &mut boxes[state];
                (own.x, own.y) = (x[*node] - own.width / 2.0, y + (height - own.height) / 2.0);
            }
        }
        rows.push((y, y + height));
        y += height + GAP_Y;
    }
    let mut row_of = vec![0; ordered.nodes.len()];
    for (nth, row) in ordered.rows.iter().enumerate() {
        row.iter().for_each(|node| row_of[*node] = nth);
    }
    let ports = Ports::of(ordered, &x, &row_of, &boxes);
    let ways = ordered.ways.iter().enumerate().map(|(nth, (edge, way))| {
        let down = row_of[way[0]] < row_of[way[way.len() - 1]];
        let mut points = Vec::with_capacity(way.len() * 2);
        for (at, node) in way.iter().enumerate() {
            let (top, bottom) = rows[row_of[*node]];
            match ordered.nodes[*node] {
                Node::State(state) => {
                    let own = &boxes[state];
                    // Down it leaves below and arrives above, up the other way round.
                    let below = (at == 0) == down;
                    points.push((ports.x(nth, at == 0), if below { own.y + own.height } else { own.y }));
                }
                Node::Through(_) if down => points.extend([(x[*node], top), (x[*node], bottom)]),
                Node::Through(_) => points.extend([(x[*node], bottom), (x[*node], top)]),
            }
        }
        Way { edge: *edge, points }
    });
    let ways = ways.collect();
    // Arcs of the last row go below it.
    Placed { width, height: (y - GAP_Y + EDGE + ARC).max(2.0 * EDGE), boxes, ways }
}

/// A box as large as what stands in it.
fn measured(state: &str, hub: usize) -> Box {
    let lines = text::wrap(&text::words(state), 20, 3);
    let note = (hub > 0).then(|| format!("from {hub} states"));
    let widest = lines.iter().chain(&note).map(|line| text::width(line)).fold(0.0, f64::max);
    let height = LINE * f(lines.len().max(1) + usize::from(note.is_some())) + INSIDE;
    Box { x: 0.0, y: 0.0, width: (widest + 24.0).max(70.0), height, lines, note }
}

/// The middle of each node: what it is joined to pulls it, those beside it hold it off.
fn middles(ordered: &Ordered, wide: &[f64]) -> Vec<f64> {
    let mut x = vec![0.0; wide.len()];
    for row in &ordered.rows {
        let mut at = 0.0;
        for node in row {
            x[*node] = at + wide[*node] / 2.0;
            at += wide[*node] + GAP_X;
        }
        // In the middle over each other, to begin with.
        row.iter().for_each(|node| x[*node] -= at / 2.0);
    }
    for pass in 0..PASSES {
        let rows: Vec<usize> =
            if pass % 2 == 0 { (0..ordered.rows.len()).collect() } else { (0..ordered.rows.len()).rev().collect() };
        for row in rows {
            pull(ordered, &ordered.rows[row], wide, &mut x);
        }
    }
    x
}

/// Moves the nodes of one row to where they are wished, as near as the room between them allows (least squares: pool adjacent
/// violators).
fn pull(ordered: &Ordered, row: &[usize], wide: &[f64], x: &mut [f64]) {
    let wish = |node: usize| {
        let others = ordered.joined.iter().filter_map(|(above, below)| match node {
            node if node == *above => Some(*below),
            node if node == *below => Some(*above),
            _ => None,
        });
        let (sum, count) = others.fold((0.0, 0usize), |(sum, count), other| (sum + x[other], count + 1));
        (count > 0).then(|| sum / f(count))
    };
    let wishes: Vec<Option<f64>> = row.iter().map(|node| wish(*node)).collect();
    let known: Vec<f64> = wishes.iter().copied().flatten().collect();
    let middle = if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / f(known.len()) };
    // Without the room that those before need, the places only have to go up.
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (nth, node) in row.iter().enumerate() {
        if nth > 0 {
            offset += (wide[row[nth - 1]] + wide[*node]) / 2.0 + GAP_X;
        }
        offsets.push(offset);
        // Arrows that go through a row should be straight; what is joined to nothing stands beside the rest.
        let weight = match (ordered.nodes[*node], wishes[nth]) {
            (_, None) => 0.01,
            (Node::Through(_), _) => 4.0,
            (Node::State(_), _) => 1.0,
        };
        blocks.push(((wishes[nth].unwrap_or(middle) - offset) * weight, weight, 1));
        while let [.., a, b] = blocks.as_slice() {
            if a.0 / a.1 <= b.0 / b.1 {
                break;
            }
            let joined = (a.0 + b.0, a.1 + b.1, a.2 + b.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let mut nth = 0;
    for (sum, weight, many) in blocks {
        for _ in 0..many {
            x[row[nth]] = sum / weight + offsets[nth];
            nth += 1;
        }
    }
}

/// Where arrows leave a box, and arrive: side by side, in the order of where they go.
struct Ports(Vec<(f64, f64)>);

impl Ports {
    fn of(ordered: &Ordered, x: &[f64], row_of: &[usize], boxes: &[Box]) -> Self {
        let mut ports = vec![(0.0, 0.0); ordered.ways.len()];
        for (state, own) in boxes.iter().enumerate() {
            for below in [true, false] {
                let mut ends: Vec<(f64, usize, bool)> = Vec::new();
                for (nth, (_, way)) in ordered.ways.iter().enumerate() {
                    let (first, last) = (way[0], way[way.len() - 1]);
                    let down = row_of[first] < row_of[last];
                    if first == state && down == below {
                        ends.push((x[way[1]], nth, true));
                    }
                    if last == state && down != below {
                        ends.push((x[way[way.len() - 2]], nth, false));
                    }
                }
                ends.sort_by(|a, b| a.0.total_cmp(&b.0));
                let room = (own.width - 20.0).min(f(ends.len()) * 22.0);
                for (place, (_, nth, begins)) in ends.iter().enumerate() {
                    let at = own.x + own.width / 2.0 + room * ((f(place) + 0.5) / f(ends.len()) - 0.5);
                    if *begins { ports[*nth].0 = at } else { ports[*nth].1 = at }
                }
            }
        }
        Self(ports)
    }

    fn x(&self, way: usize, begins: bool) -> f64 {
        if begins { self.0[way].0 } else { self.0[way].1 }
    }
}
