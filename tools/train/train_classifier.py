"""Fits the trees of the adaptive judge, and says how right they are about people and machines that they were not fitted on.

    python judge.py CALLS.pkl ...                     held out: in each fold the trees know none of its speakers and sources
    python judge.py CALLS.pkl ... --write TREES.rs    fitted on all, written for src/job/machine/adaptive/trees.rs
"""

import argparse
import collections
import pickle

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from corpus import FOLDS
from heard import DECIDED, FIGURES, FIRST, MEDIA, TOLD

# What a call of each kind weighs. Short pieces of prompts and long turns of people are nobody's usual greeting.
WEIGHTS = {
    "turn": 1.0, "phrase": 0.8, "read phrase": 0.5, "two turns": 0.8,
    "prompt": 1.0, "piece": 0.35, "synthetic": 0.5, "name and prompt": 0.6, "monologue": 0.5, "read": 0.3,
}  # fmt: skip
# Rows of a call that the trees are fitted on: one in so many, and those of a pause weigh so much in all.
EVERY = 3
OF_PAUSES = 0.6
# More voice makes a machine likelier, and more silence a person.
MONOTONIC = {"voiced": 1, "span": 1, "longest": 1, "pause": -1}
TREES, DEPTH, RATE = 80, 3, 0.1

# The rules of src/job/machine/adaptive.rs.
SOUNDING, SOUNDING_SECONDS = 0.985, 0.8
SURE_MACHINE = 0.95
SHORT_PAUSE, SHORT_PAUSE_HUMAN = 0.7, 0.03
LONG_PAUSE, LONG_PAUSE_HUMAN = 1.4, 0.6

COLUMN = {name: k for k, name in enumerate(FIGURES)}


def figures(call):
    return call["rows"][:, FIRST:]


def dataset(calls):
    """Rows of figures, what they are of, and what they weigh: people as much as machines."""
    rows, truth, weights = [], [], []
    for call in calls:
        f, told = figures(call), call["rows"][:, TOLD]
        pause, voiced = f[:, COLUMN["pause"]], f[:, COLUMN["voiced"]]
        use = (told < call["end"] + 1700) & ((pause == 0) | (pause >= 0.15)) & (pause < 1.6) & (voiced > 0.1) & (voiced < 8)
        f = f[use][::EVERY]
        if len(f) == 0:
            continue
        waits = f[:, COLUMN["pause"]] > 0
        weight = np.where(waits, OF_PAUSES / max(waits.sum(), 1), (1 - OF_PAUSES) / max((~waits).sum(), 1))
        rows.append(f)
        truth.append(np.full(len(f), call["machine"]))
        weights.append(weight * WEIGHTS[call["kind"]])
    rows, truth, weights = map(np.concatenate, (rows, truth, weights))
    for kind in (0, 1):
        weights[truth == kind] /= weights[truth == kind].sum()
    return rows, truth, weights * len(weights) / 2


def fit(calls):
    rows, truth, weights = dataset(calls)
    trees = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_depth=DEPTH, max_leaf_nodes=2**DEPTH, min_samples_leaf=150, l2_regularization=20,
        monotonic_cst=[MONOTONIC.get(name, 0) for name in FIGURES], max_bins=64, early_stopping=False, random_state=0,
    )  # fmt: skip
    return trees.fit(rows, truth, sample_weight=weights)


def likelihood(trees, call):
    """How likely it is a machine, at each row."""
    return trees.predict_proba(figures(call))[:, 1] if len(call["rows"]) else np.zeros(0)


def decide(call, machine):
    """What is said of a call, 0 a person or 1 a machine, and at which media time in ms; nothing if nothing is said."""
    pause, voiced = call["rows"][:, FIRST + COLUMN["pause"]], call["rows"][:, FIRST + COLUMN["voiced"]]
    along = np.clip((pause - SHORT_PAUSE) / (LONG_PAUSE - SHORT_PAUSE), -1, 1)
    human = SHORT_PAUSE_HUMAN + (LONG_PAUSE_HUMAN - SHORT_PAUSE_HUMAN) * along
    sounds = pause == 0
    sure = sounds & (machine >= SOUNDING) & (voiced >= SOUNDING_SECONDS)
    waits = ~sounds & (along >= 0)
    person = waits & (machine <= human)
    robot = sure | (waits & ~person & ((machine >= SURE_MACHINE) | (along >= 1)))
    at = np.flatnonzero(person | robot)
    return (int(robot[at[0]]), call["rows"][at[0], MEDIA]) if len(at) else (None, None)


def said(call):
    """What the trees in the library say."""
    at = np.flatnonzero(call["rows"][:, DECIDED] >= 0)
    return (int(call["rows"][at[0], DECIDED]), call["rows"][at[0], MEDIA]) if len(at) else (None, None)


def report(title, calls, verdicts, groups, names=False):
    """Prints how many are wrong, by the keys of `groups`."""
    print(title)
    table = collections.defaultdict(list)
    for call, (verdict, at) in zip(calls, verdicts):
        truth = {0: "people", 1: "machines", None: "noise"}[call["machine"]]
        for group in groups:
            table[truth, group, call.get(group, "")].append((verdict, call["machine"], at and at - call["end"]))
        if names and verdict != call["machine"]:
            print("   ", call.get("file"), verdict, round(at - call["end"]) if at else "")
    for key, found in sorted(table.items()):
        wrong = sum(v is not None and v != truth and (truth is not None or v == 0) for v, truth, _ in found)
        late = [t for v, truth, t in found if v is not None and v == truth]
        when = "{:.0f} {:.0f}".format(*np.percentile(late, [50, 95])) if late else "-"
        print("  {:<40} {:5} wrong {:4} ({:.1f} %) unsaid {:3}  ms after {}".format(
            " ".join(map(str, key)), len(found), wrong, 100 * wrong / len(found), sum(v is None for v, _, _ in found), when))  # fmt: skip


def held_out(data):
    """Likelihoods of all calls, each by trees that know neither its speaker nor its source."""
    found = {part: [None] * len(calls) for part, calls in data.items()}
    for fold in range(FOLDS):
        trees = fit([call for call in data["generated"] if call["fold"] != fold])
        for part, calls in data.items():
            for k, call in enumerate(calls):
                if call["fold"] == fold:
                    found[part][k] = likelihood(trees, call)
    return found


def write(trees, path):
    """The trees in Rust."""
    lines = []
    for (tree,) in trees._predictors:  # noqa: SLF001: there is no other way to them
        nodes = [
            f"leaf({n['value']:.4f})" if n["is_leaf"] else f"node({n['feature_idx']}, {n['num_threshold']:.4g}_f32, {n['left']}, {n['right']})"
            for n in tree.nodes
        ]
        lines.append("    &[" + ", ".join(nodes) + "],\n")
    base = float(np.ravel(trees._baseline_prediction)[0])  # noqa: SLF001
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""//! The trees of the adaptive strategy, written by `tools/fit/judge.py`.
//!
//! Fitted on a corpus of people who answer or say one short turn, recorded and synthetic prompts, and long speech cut or joined to
//! such, at many levels and speeds, with noise of lines before, under and behind it, through a telephone's band and codecs or not;
//! compared on speakers and sources that were held out.
#![forbid(unsafe_code)]

use super::forest::{{Node, leaf, node}};

/// What the trees' answers are added to: the logarithm of the odds of a machine.
pub const BASE: f32 = {base:.4f};

/// A tree's first node is its root. What a question asks for may happen to be near a constant of mathematics.
#[rustfmt::skip]
#[allow(clippy::approx_constant)]
pub static TREES: [&[Node]; {len(lines)}] = [
{"".join(lines)}];
""")


def read(paths):
    """What `calls.py` has written; the corpus as it is once, and varied as often as there are files."""
    data = collections.defaultdict(list)
    for path in paths:
        with open(path, "rb") as file:
            for part, calls in pickle.load(file).items():
                data[part] += [c for c in calls if path == paths[0] or c["kind"] != "as it is"]
    return dict(data)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="+")
    options.add_argument("--write", metavar="TREES.rs")
    options.add_argument("--shipped", action="store_true", help="judge what is in the library instead")
    options = options.parse_args()
    data = read(options.calls)
    if options.write:
        return write(fit(data["generated"]), options.write)
    found = None if options.shipped else held_out(data)

    def verdicts(part):
        return [said(call) if found is None else decide(call, found[part][k]) for k, call in enumerate(data[part])]

    report("Generated calls", data["generated"], verdicts("generated"), ["kind"])
    report("Noises", data["noises"], verdicts("noises"), ["kind"])
    spoken = list(zip(data["corpus"], verdicts("corpus")))
    plain = [pair for pair in spoken if pair[0]["kind"] == "as it is"]
    report("The corpus, varied", *zip(*[pair for pair in spoken if pair[0]["kind"] != "as it is"]), ["kind", "label"])
    report("The corpus as it is", *zip(*plain), ["kind", "label", "language", "source"], names=True)


if __name__ == "__main__":
    main()
