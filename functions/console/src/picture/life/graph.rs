//! States and arrows, read from a printed table.

use std::collections::BTreeMap;

/// A life's states, and what leads from one to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Graph {
    /// The states, in the order in which the code has them.
    pub(super) states: Vec<String>,
    /// Where it may begin.
    pub(super) starts: Vec<usize>,
    /// Where it ends.
    pub(super) ends: Vec<usize>,
    /// From, to, and what leads there; at most one arrow from one state to another.
    pub(super) edges: Vec<Edge>,
    /// What a state answers without leaving it: drawn as words, not as arrows.
    pub(super) again: BTreeMap<usize, Vec<String>>,
}

/// An arrow between two different states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// What leads there.
    pub(super) labels: Vec<String>,
}

impl Graph {
    /// Reads a table as the kernel prints it: states by their paragraphs, arrows by the Mermaid block. What is not understood is left
    /// out.
    pub(super) fn parse(table: &str) -> Self {
        let mut graph = Self::default();
        let mut arrows: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        let mut block = "";
        for line in table.lines() {
            match (block, line) {
                ("", line) if line.starts_with("```") => block = line.trim_start_matches('`'),
                (_, line) if line.starts_with("```") => block = "",
                ("text", line) if line.starts_with(char::is_alphabetic) && !line.contains(" (version ") => {
                    graph.state(line.split(':').next().unwrap_or(line).trim());
                }
                ("mermaid", line) => graph.arrow(line, &mut arrows),
                _ => {}
            }
        }
        graph.edges = arrows.into_iter().map(|((from, to), labels)| Edge { from, to, labels }).collect();
        graph
    }

    /// `a --> b: what`.
    fn arrow(&mut self, line: &str, arrows: &mut BTreeMap<(usize, usize), Vec<String>>) {
        let Some((from, rest)) = line.trim().split_once(" --> ") else { return };
        let (to, label) = rest.split_once(": ").unwrap_or((rest, ""));
        match (from, to) {
            ("[*]", to) => {
                let start = self.state(to);
                self.starts.push(start);
            }
            (from, "[*]") => {
                let end = self.state(from);
                self.ends.push(end);
            }
            (from, to) => {
                let (from, to) = (self.state(from), self.state(to));
                let labels = if from == to {
                    self.again.entry(from).or_default()
                } else {
                    arrows.entry((from, to)).or_default()
                };
                labels.push(label.to_owned());
            }
        }
    }

    /// The place of a state, which is new where it was not named before.
    fn state(&mut self, name: &str) -> usize {
        self.states.iter().position(|known| known == name).unwrap_or_else(|| {
            self.states.push(name.to_owned());
            self.states.len() - 1
        })
    }
}
