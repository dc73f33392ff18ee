//! Evaluates the forests of decision trees in [`super::model`].
#![forbid(unsafe_code)]

use super::features::FEATURES;

/// A node of a tree: a comparison, or a leaf.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Index of the feature that is compared; `None` in a leaf.
    feature: Option<u8>,
    /// Threshold of the comparison; in a leaf, its contribution to the log-odds.
    value: f32,
    /// Indices of the next node: at or below the threshold, above it.
    next: [u8; 2],
}

/// A comparison: goes to node `below` if the feature is at most `value`, else to node `above`.
pub const fn node(feature: u8, value: f32, below: u8, above: u8) -> Node {
    Node {
        feature: Some(feature),
        value,
        next: [below, above],
    }
}

/// A leaf: contributes `value` to the log-odds.
pub const fn leaf(value: f32) -> Node {
    Node {
        feature: None,
        value,
        next: [0; 2],
    }
}

/// Trees whose leaves add up to log-odds.
pub struct Forest {
    /// Log-odds before the trees' contributions.
    pub base: f32,
    /// The trees; the first node of each is its root.
    pub trees: &'static [&'static [Node]],
}

impl Forest {
    /// The log-odds with these features.
    pub fn log_odds(&self, features: &[f32; FEATURES]) -> f32 {
        let leaves = self.trees.iter().map(|tree| leaf_value(tree, features));
        self.base + leaves.sum::<f32>()
    }
}

/// Value of the leaf that a tree reaches with these features.
fn leaf_value(tree: &[Node], features: &[f32; FEATURES]) -> f32 {
    let mut node = tree[0];
    while let Some(feature) = node.feature {
        let is_above = features[usize::from(feature)] > node.value;
        node = tree[usize::from(node.next[usize::from(is_above)])];
    }
    node.value
}

#[cfg(test)]
mod tests {
    use super::super::model::{MACHINE, VOICE};
    use super::*;

    #[test]
    fn every_tree_terminates_and_its_features_exist() {
        for tree in MACHINE.trees.iter().chain(VOICE.trees) {
            for (index, node) in tree.iter().enumerate() {
                if let Some(feature) = node.feature {
                    assert!(usize::from(feature) < FEATURES);
                    let ahead =
                        |next: u8| usize::from(next) > index && usize::from(next) < tree.len();
                    assert!(node.next.into_iter().all(ahead));
                }
            }
        }
    }
}
