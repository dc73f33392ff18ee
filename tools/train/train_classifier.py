"""Trains the adaptive classifier, two forests of small trees, and measures it on speakers and sources that it was not trained on.

    python train_classifier.py CALLS.pkl ...                     cross-validation in four folds
    python train_classifier.py CALLS.pkl ... --shipped           the classifier that is in the library
    python train_classifier.py CALLS.pkl ... --search 300        also looks for better rules of the decision
    python train_classifier.py CALLS.pkl ... --write MODEL.rs    trains on all calls, for core/src/job/machine/classifier/model.rs
"""

import argparse
import collections
import pickle

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

import decision
from corpus import FOLDS
from features import COMPLETE, FEATURES, FIRST, ODDS, VOICE

# Weight of a call of each kind; all others weigh 1. What is rare in real calls, or too much alike in both classes, weighs less.
WEIGHTS = {"phrase": 0.7, "read phrase": 0.4, "one sentence": 0.4, "monologue": 0.25, "prompt": 1.5, "greeting": 0.8}
# Weight of a person from a source: those who speak into a real telephone count most.
TELEPHONE = {"wuw": 2.5}
# Training uses each fifth row of a call.
EVERY = 5
# Share of a call's weight that its rows in pauses have together.
PAUSE_WEIGHT = 0.6
# More voice raises the probability of a machine, and more silence lowers it.
MONOTONIC = {"voiced": 1, "span": 1, "longest": 1, "pause": -1}
TREES, DEPTH, RATE = 100, 3, 0.1
# The forest that tells voice from noise.
VOICE_TREES = 30

COLUMN = {name: k for k, name in enumerate(FEATURES)}


def features(call):
    return call["rows"][:, FIRST:]


def weight(call):
    """The weight of a call in the training of machine against person."""
    value = WEIGHTS.get(call["kind"], 1)
    if call["machine"] == 0:
        value *= TELEPHONE.get(call["source"], 1)
    return value


def dataset(calls, label, weight_of):
    """Rows of features, their labels and their weights. Both labels have the same weight in all."""
    rows, labels, weights = [], [], []
    for call in calls:
        f, complete = features(call), call["rows"][:, COMPLETE]
        pause, voiced = f[:, COLUMN["pause"]], f[:, COLUMN["voiced"]]
        end = call["end"] if call["machine"] is not None else np.inf
        use = (complete < end + 2100) & ((pause == 0) | (pause >= 0.3)) & (pause < 1.95) & (voiced > 0.1) & (voiced < 6)
        f = f[use][::EVERY]
        if len(f) == 0:
            continue
        pauses = f[:, COLUMN["pause"]] > 0
        weight = np.where(pauses, PAUSE_WEIGHT / max(pauses.sum(), 1), (1 - PAUSE_WEIGHT) / max((~pauses).sum(), 1))
        rows.append(f)
        labels.append(np.full(len(f), label(call)))
        weights.append(weight * weight_of(call))
    rows, labels, weights = map(np.concatenate, (rows, labels, weights))
    for value in (0, 1):
        weights[labels == value] /= weights[labels == value].sum()
    return rows, labels, weights * len(weights) / 2


def forest(count, monotonic):
    return HistGradientBoostingClassifier(
        max_iter=count, learning_rate=RATE, max_depth=DEPTH, max_leaf_nodes=2**DEPTH, min_samples_leaf=150, l2_regularization=20,
        monotonic_cst=[monotonic.get(name, 0) for name in FEATURES], max_bins=64, early_stopping=False, random_state=0,
    )  # fmt: skip


def train(calls, noises):
    """Two forests: the log-odds of a machine against a person, and of a voice against noise."""
    rows, labels, weights = dataset(calls, lambda call: call["machine"], weight)
    machine = forest(TREES, MONOTONIC).fit(rows, labels, sample_weight=weights)
    rows, labels, weights = dataset(calls + noises, lambda call: int(call["machine"] is not None), lambda call: 1)
    return machine, forest(VOICE_TREES, {}).fit(rows, labels, sample_weight=weights)


def odds(trees, call):
    """Log-odds, for each row."""
    return trees.decision_function(features(call)) if len(call["rows"]) else np.zeros(0)


def cross_validate(data):
    """Sets the log-odds `odds` and `voice` of all calls. The forests of a fold are trained without the speakers and sources in it."""
    for fold in range(FOLDS):
        machine, voice = train(*([call for call in data[part] if call["fold"] != fold] for part in ("generated", "noises")))
        for calls in data.values():
            for call in calls:
                if call["fold"] == fold:
                    call["odds"], call["voice"] = odds(machine, call), odds(voice, call)


def write(forests, path):
    """Writes the forests as Rust source."""

    def source(trees):
        for (tree,) in trees._predictors:  # noqa: SLF001: scikit-learn has no public access to them
            nodes = [
                f"leaf({n['value']:.4f})" if n["is_leaf"] else f"node({n['feature_idx']}, {n['num_threshold']:.4g}_f32, {n['left']}, {n['right']})"
                for n in tree.nodes
            ]
            yield "        &[" + ", ".join(nodes) + "],\n"

    base = [float(np.ravel(trees._baseline_prediction)[0]) for trees in forests]  # noqa: SLF001
    machine, voice = ("".join(source(trees)) for trees in forests)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""//! The model of the adaptive strategy: the trees of two forests. Written by `tools/train/train_classifier.py`.
//!
//! Trained on turns of people and greetings of machines through the same simulated lines, with every length of pause after the
//! first sentence, and on noises; `tools/train/sources.csv` lists the sources. Evaluated on held-out speakers and sources.
#![forbid(unsafe_code)]

use super::forest::{{Forest, leaf, node}};

// A threshold may happen to be close to a mathematical constant.

/// Log-odds of a machine against a person.
#[rustfmt::skip]
#[allow(clippy::approx_constant)]
pub static MACHINE: Forest = Forest {{
    base: {base[0]:.4f},
    trees: &[
{machine}    ],
}};

/// Log-odds of a voice against noise.
#[rustfmt::skip]
#[allow(clippy::approx_constant)]
pub static VOICE: Forest = Forest {{
    base: {base[1]:.4f},
    trees: &[
{voice}    ],
}};
""")


def read(paths):
    """Joins files that `calls.py` has written. The unchanged corpus is in each of them, but in the result only once."""
    data = collections.defaultdict(list)
    for path in paths:
        with open(path, "rb") as file:
            for part, calls in pickle.load(file).items():
                if path == paths[0] or part in ("generated", "noises"):
                    data[part] += calls
    return dict(data)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="+")
    options.add_argument("--write", metavar="MODEL.rs")
    options.add_argument("--shipped", action="store_true", help="measure the classifier that is in the library")
    options.add_argument("--search", type=int, default=0, metavar="N", help="try N rules of the decision")
    options = options.parse_args()
    data = read(options.calls)
    if options.write:
        return write(train(data["generated"], data["noises"]), options.write)
    if options.shipped:
        for call in (call for calls in data.values() for call in calls):
            call["odds"], call["voice"] = call["rows"][:, ODDS], call["rows"][:, VOICE]
    else:
        cross_validate(data)
    tables = {part: decision.Table(data[part]) for part in ("corpus", "traps", "noises")}
    rules = decision.search(tables, options.search) if options.search else decision.RULES
    print(rules)
    decision.report(tables, rules)
    decision.calibrate(tables, rules)


if __name__ == "__main__":
    main()
