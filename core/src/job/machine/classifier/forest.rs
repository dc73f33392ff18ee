//! Small trees of questions, whose answers add up.
#![forbid(unsafe_code)]

use super::features::FIGURES;
use super::model::{BASE, TREES};

/// A question, or an answer.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The figure that is asked about; an answer asks about none.
    figure: Option<u8>,
    /// Up to this the way is to the first of `next`; or the answer.
    value: f32,
    next: [u8; 2],
}

/// A question: whether a figure is at most `value`.
pub const fn node(figure: u8, value: f32, yes: u8, no: u8) -> Node {
    Node {
        figure: Some(figure),
        value,
        next: [yes, no],
    }
}

/// An answer.
pub const fn leaf(value: f32) -> Node {
    Node {
        figure: None,
        value,
        next: [0; 2],
    }
}

/// How likely a course with these figures is a machine's: 0 to 1.
pub fn machine(figures: &[f32; FIGURES]) -> f32 {
    let odds: f32 = BASE + TREES.iter().map(|tree| answer(tree, figures)).sum::<f32>();
    1.0 / (1.0 + (-odds).exp())
}

fn answer(tree: &[Node], figures: &[f32; FIGURES]) -> f32 {
    let mut node = tree[0];
    while let Some(figure) = node.figure {
        let no = figures[usize::from(figure)] > node.value;
        node = tree[usize::from(node.next[usize::from(no)])];
    }
    node.value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tree_ends_and_asks_about_figures_that_there_are() {
        for tree in &TREES {
            for (index, node) in tree.iter().enumerate() {
                if let Some(figure) = node.figure {
                    assert!(usize::from(figure) < FIGURES);
                    let ahead =
                        |next: u8| usize::from(next) > index && usize::from(next) < tree.len();
                    assert!(node.next.into_iter().all(ahead));
                }
            }
        }
    }
}
