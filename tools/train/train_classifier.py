"""Trains the adaptive classifier, a forest of small trees, and measures it on speakers and sources that it was not trained on.

    python train_classifier.py CALLS.pkl ...                     cross-validation in four folds
    python train_classifier.py CALLS.pkl ... --shipped           the classifier that is in the library
    python train_classifier.py CALLS.pkl ... --write MODEL.rs    trains on all calls, for core/src/job/machine/classifier/model.rs
"""

import argparse
import collections
import pickle

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from corpus import FOLDS
from features import COMPLETE, DECISION, FEATURES, FIRST, MEDIA

# Weight of a call of each kind. Kinds that are rare as greetings, such as pieces of prompts and monologues, weigh less.
WEIGHTS = {
    "turn": 1.0, "phrase": 0.8, "read phrase": 0.5, "two turns": 0.8,
    "prompt": 1.0, "piece": 0.35, "synthetic": 0.5, "name and prompt": 0.6, "monologue": 0.5, "read": 0.3,
}  # fmt: skip
# Training uses each third row of a call.
EVERY = 3
# Share of a call's weight that its rows in pauses have together.
PAUSE_WEIGHT = 0.6
# More voice raises the probability of a machine, and more silence lowers it.
MONOTONIC = {"voiced": 1, "span": 1, "longest": 1, "pause": -1}
TREES, DEPTH, RATE = 80, 3, 0.1

# The decision rules of core/src/job/machine/classifier/mod.rs.
SOUNDING, SOUNDING_SECONDS = 0.985, 0.8
SURE_MACHINE = 0.95
SHORT_PAUSE, SHORT_PAUSE_HUMAN = 0.7, 0.03
LONG_PAUSE, LONG_PAUSE_HUMAN = 1.4, 0.6

COLUMN = {name: k for k, name in enumerate(FEATURES)}


def features(call):
    return call["rows"][:, FIRST:]


def dataset(calls):
    """Rows of features, their labels and their weights. People and machines have the same weight in all."""
    rows, labels, weights = [], [], []
    for call in calls:
        f, complete = features(call), call["rows"][:, COMPLETE]
        pause, voiced = f[:, COLUMN["pause"]], f[:, COLUMN["voiced"]]
        use = (complete < call["end"] + 1700) & ((pause == 0) | (pause >= 0.15)) & (pause < 1.6) & (voiced > 0.1) & (voiced < 8)
        f = f[use][::EVERY]
        if len(f) == 0:
            continue
        pauses = f[:, COLUMN["pause"]] > 0
        weight = np.where(pauses, PAUSE_WEIGHT / max(pauses.sum(), 1), (1 - PAUSE_WEIGHT) / max((~pauses).sum(), 1))
        rows.append(f)
        labels.append(np.full(len(f), call["machine"]))
        weights.append(weight * WEIGHTS[call["kind"]])
    rows, labels, weights = map(np.concatenate, (rows, labels, weights))
    for label in (0, 1):
        weights[labels == label] /= weights[labels == label].sum()
    return rows, labels, weights * len(weights) / 2


def train(calls):
    """The trees trained on the calls."""
    rows, labels, weights = dataset(calls)
    trees = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_depth=DEPTH, max_leaf_nodes=2**DEPTH, min_samples_leaf=150, l2_regularization=20,
        monotonic_cst=[MONOTONIC.get(name, 0) for name in FEATURES], max_bins=64, early_stopping=False, random_state=0,
    )  # fmt: skip
    return trees.fit(rows, labels, sample_weight=weights)


def probabilities(trees, call):
    """Probability of a machine, for each row."""
    return trees.predict_proba(features(call))[:, 1] if len(call["rows"]) else np.zeros(0)


def decide(call, machine):
    """The decision on a call (0 human, 1 machine) by the rules above, and its media time in ms; two None without a decision."""
    pause, voiced = call["rows"][:, FIRST + COLUMN["pause"]], call["rows"][:, FIRST + COLUMN["voiced"]]
    along = np.clip((pause - SHORT_PAUSE) / (LONG_PAUSE - SHORT_PAUSE), -1, 1)
    human = SHORT_PAUSE_HUMAN + (LONG_PAUSE_HUMAN - SHORT_PAUSE_HUMAN) * along
    sounding = pause == 0
    sure = sounding & (machine >= SOUNDING) & (voiced >= SOUNDING_SECONDS)
    pausing = ~sounding & (along >= 0)
    person = pausing & (machine <= human)
    robot = sure | (pausing & ~person & ((machine >= SURE_MACHINE) | (along >= 1)))
    at = np.flatnonzero(person | robot)
    return (int(robot[at[0]]), call["rows"][at[0], MEDIA]) if len(at) else (None, None)


def shipped_decision(call):
    """The decision of the classifier in the library, as from `decide`."""
    at = np.flatnonzero(call["rows"][:, DECISION] >= 0)
    return (int(call["rows"][at[0], DECISION]), call["rows"][at[0], MEDIA]) if len(at) else (None, None)


def report(title, calls, decisions, groups, names=False):
    """Prints the number of wrong decisions for each value of each key in `groups`; with `names` also the files."""
    print(title)
    table = collections.defaultdict(list)
    for call, (decision, at) in zip(calls, decisions):
        answerer = {0: "people", 1: "machines", None: "noise"}[call["machine"]]
        for group in groups:
            table[answerer, group, call.get(group, "")].append((decision, call["machine"], at and at - call["end"]))
        if names and decision != call["machine"]:
            print("   ", call.get("file"), decision, round(at - call["end"]) if at else "")
    for key, rows in sorted(table.items()):
        wrong = sum(d is not None and d != label and (label is not None or d == 0) for d, label, _ in rows)
        delays = [ms for d, label, ms in rows if d is not None and d == label]
        delay = "{:.0f} {:.0f}".format(*np.percentile(delays, [50, 95])) if delays else "-"
        print("  {:<40} {:5} wrong {:4} ({:.1f} %) undecided {:3}  ms after the greeting {}".format(
            " ".join(map(str, key)), len(rows), wrong, 100 * wrong / len(rows), sum(d is None for d, _, _ in rows), delay))  # fmt: skip


def cross_validate(data):
    """Probabilities of all calls. The trees of a fold are trained without the speakers and sources in it."""
    result = {part: [None] * len(calls) for part, calls in data.items()}
    for fold in range(FOLDS):
        trees = train([call for call in data["generated"] if call["fold"] != fold])
        for part, calls in data.items():
            for k, call in enumerate(calls):
                if call["fold"] == fold:
                    result[part][k] = probabilities(trees, call)
    return result


def write(trees, path):
    """Writes the trees as Rust source."""
    lines = []
    for (tree,) in trees._predictors:  # noqa: SLF001: scikit-learn has no public access to them
        nodes = [
            f"leaf({n['value']:.4f})" if n["is_leaf"] else f"node({n['feature_idx']}, {n['num_threshold']:.4g}_f32, {n['left']}, {n['right']})"
            for n in tree.nodes
        ]
        lines.append("    &[" + ", ".join(nodes) + "],\n")
    base = float(np.ravel(trees._baseline_prediction)[0])  # noqa: SLF001
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""//! The model of the adaptive strategy: the trees of the forest. Written by `tools/train/train_classifier.py`.
//!
//! Trained on people who answer or say one short turn, on recorded and synthetic prompts, and on long speech cut or joined to
//! prompts; at many levels and speeds, with line noise before, during and after the voice, with and without telephone band and
//! codecs. Evaluated on held-out speakers and sources.
#![forbid(unsafe_code)]

use super::forest::{{Node, leaf, node}};

/// Log-odds of a machine before the trees' contributions.
pub const BASE: f32 = {base:.4f};

/// The trees; the first node of each is its root. A threshold may happen to be close to a mathematical constant.
#[rustfmt::skip]
#[allow(clippy::approx_constant)]
pub static TREES: [&[Node]; {len(lines)}] = [
{"".join(lines)}];
""")


def read(paths):
    """Joins files that `calls.py` has written. The unchanged corpus is in each of them, but in the result only once."""
    data = collections.defaultdict(list)
    for path in paths:
        with open(path, "rb") as file:
            for part, calls in pickle.load(file).items():
                data[part] += [c for c in calls if path == paths[0] or c["kind"] != "original"]
    return dict(data)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="+")
    options.add_argument("--write", metavar="TREES.rs")
    options.add_argument("--shipped", action="store_true", help="measure the classifier that is in the library")
    options = options.parse_args()
    data = read(options.calls)
    if options.write:
        return write(train(data["generated"]), options.write)
    result = None if options.shipped else cross_validate(data)

    def decisions(part):
        return [shipped_decision(call) if result is None else decide(call, result[part][k]) for k, call in enumerate(data[part])]

    report("Generated calls", data["generated"], decisions("generated"), ["kind"])
    report("Noises", data["noises"], decisions("noises"), ["kind"])
    corpus = list(zip(data["corpus"], decisions("corpus")))
    report("The corpus, varied", *zip(*[pair for pair in corpus if pair[0]["kind"] != "original"]), ["kind", "label"])
    report("The corpus, unchanged", *zip(*[pair for pair in corpus if pair[0]["kind"] == "original"]), ["kind", "label", "language", "source"], names=True)


if __name__ == "__main__":
    main()
