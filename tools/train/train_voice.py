"""Trains the voice network, and writes its weights for core/src/detect/voice/weights.rs.

    python train_voice.py MIXTURES.npz NET.pt [--test MIXTURES-held.npz] [--write WEIGHTS.rs]
"""

import argparse

import numpy as np
import torch
from torch import nn

from features import INPUTS

UNITS = 24
LAG = 3  # hops: the output belongs to the input 30 ms before
SCALE = 1 / 32  # a weight is an integer times this
PASSES, BATCH = 18, 128
SEQUENCE = 300  # hops


class Net(nn.Module):
    """One layer of gated recurrent units and a linear output, in log odds of voice."""

    def __init__(self):
        super().__init__()
        self.units = nn.GRU(INPUTS, UNITS, batch_first=True)
        self.out = nn.Linear(UNITS, 1)

    def forward(self, x):
        return self.out(self.units(x)[0])[..., 0]


def load(path):
    """Sequences of inputs, and the labels, delayed by LAG hops, with their confidence."""
    with np.load(path) as file:
        inputs, voice, sure = (torch.tensor(file[name]) for name in ("inputs", "voice", "sure"))
    delayed = [torch.cat([torch.zeros_like(x[:, :LAG]), x[:, :-LAG]], 1) for x in (voice, sure)]
    return [torch.cat(x.split(SEQUENCE, 1)) for x in (inputs, *delayed)]


def train(inputs, voice, sure):
    """The network trained on the sequences."""
    net, batches = Net(), len(inputs) // BATCH
    optimizer = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 8e-3, total_steps=PASSES * batches + 1, pct_start=0.15)
    for number in range(PASSES):
        total, order = 0.0, torch.randperm(len(inputs))
        for i in range(batches):
            batch = order[i * BATCH : (i + 1) * BATCH]
            odds = net(inputs[batch])
            loss = nn.functional.binary_cross_entropy_with_logits(odds, voice[batch], reduction="none")
            # Confident voice where there is none is the worst error.
            weight = sure[batch] * (1 + 0.7 * (1 - voice[batch]) * torch.sigmoid(odds).detach())
            loss = (loss * weight).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(number, round(total / batches, 4), flush=True)
    return net


def area(net, inputs, voice, sure):
    """Area under the ROC curve, over the hops whose label has a confidence above 0.25."""
    from sklearn.metrics import roc_auc_score

    with torch.no_grad():
        odds = net(inputs)
    use = sure > 0.25
    return roc_auc_score(voice[use] > 0.5, odds[use])


def write(net, path):
    """Writes the weights as Rust source."""
    state = {name: value.numpy() for name, value in net.state_dict().items()}

    def rows(matrix):
        whole = np.clip(np.round(matrix / SCALE), -127, 127).astype(int)
        return "".join("    [" + ", ".join(map(str, row)) + "],\n" for row in whole)

    def flat(values):
        return "".join("    " + ", ".join(f"{x:.4f}" for x in values[i : i + 8]) + ",\n" for i in range(0, len(values), 8))

    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""//! Weights of the voice network (`gru`).
//!
//! Trained on a corpus of telephone speech, read speech and recorded prompts, mixed with noise, hum, music and tones at many
//! levels. These weights were trained on all speakers of the corpus; `docs/reports/accuracy.md` has the figures of a training that
//! held out speakers and sources. Each row has the weights from one input or unit to the reset gates, the update gates and the
//! candidates.
#![forbid(unsafe_code)]

use super::features::INPUTS;
use super::gru::UNITS;

/// Value of an integer weight of 1.
pub const SCALE: f32 = {SCALE};

/// From the inputs to the gates.
#[rustfmt::skip]
pub const FROM_INPUT: [[i8; 3 * UNITS]; INPUTS] = [
{rows(state["units.weight_ih_l0"].T)}];

/// From the states of the units to the gates.
#[rustfmt::skip]
pub const FROM_STATE: [[i8; 3 * UNITS]; UNITS] = [
{rows(state["units.weight_hh_l0"].T)}];

/// Biases of the sums over the inputs.
#[rustfmt::skip]
pub const BIAS: [f32; 3 * UNITS] = [
{flat(state["units.bias_ih_l0"])}];

/// Biases of the sums over the states.
#[rustfmt::skip]
pub const STATE_BIAS: [f32; 3 * UNITS] = [
{flat(state["units.bias_hh_l0"])}];

/// From the states of the units to the output.
#[rustfmt::skip]
pub const OUT: [f32; UNITS] = [
{flat(state["out.weight"][0])}];

/// Bias of the output.
pub const OUT_BIAS: f32 = {float(state["out.bias"][0]):.4f};
""")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("mixtures")
    options.add_argument("net")
    options.add_argument("--test")
    options.add_argument("--write", metavar="WEIGHTS.rs")
    options = options.parse_args()
    torch.manual_seed(1)
    net = train(*load(options.mixtures))
    torch.save(net.state_dict(), options.net)
    if options.test:
        print("area under the ROC curve, held out:", round(area(net, *load(options.test)), 4))
    if options.write:
        write(net, options.write)


if __name__ == "__main__":
    main()
