"""Fits the voice network, and writes it for src/detect/voice/weights.rs.

    python voice.py MIXTURES.npz NET.pt [--test MIXTURES-held.npz] [--write WEIGHTS.rs]
"""

import argparse

import numpy as np
import torch
from torch import nn

from heard import INPUTS

UNITS = 24
LATE = 3  # it answers for the hop so many before
SCALE = 1 / 32  # of an integer weight
PASSES, BATCH, STRETCH = 18, 128, 300


class Net(nn.Module):
    """One layer of gated recurrent units, and a weighted sum."""

    def __init__(self):
        super().__init__()
        self.units = nn.GRU(INPUTS, UNITS, batch_first=True)
        self.out = nn.Linear(UNITS, 1)

    def forward(self, x):
        return self.out(self.units(x)[0])[..., 0]


def load(path):
    """Stretches of inputs, the truth that is due with each, and how sure that is."""
    with np.load(path) as file:
        heard, voice, sure = (torch.tensor(file[name]) for name in ("heard", "voice", "sure"))
    late = [torch.cat([torch.zeros_like(x[:, :LATE]), x[:, :-LATE]], 1) for x in (voice, sure)]
    return [torch.cat(x.split(STRETCH, 1)) for x in (heard, *late)]


def fit(heard, voice, sure):
    net, batches = Net(), len(heard) // BATCH
    optimiser = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 8e-3, total_steps=PASSES * batches + 1, pct_start=0.15)
    for turn in range(PASSES):
        total, order = 0.0, torch.randperm(len(heard))
        for i in range(batches):
            some = order[i * BATCH : (i + 1) * BATCH]
            odds = net(heard[some])
            loss = nn.functional.binary_cross_entropy_with_logits(odds, voice[some], reduction="none")
            # To be sure of voice where there is none is worst.
            weight = sure[some] * (1 + 0.7 * (1 - voice[some]) * torch.sigmoid(odds).detach())
            loss = (loss * weight).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            pace.step()
            total += loss.item()
        print(turn, round(total / batches, 4), flush=True)
    return net


def area(net, heard, voice, sure):
    """The area under its curve, where the truth is sure."""
    from sklearn.metrics import roc_auc_score

    with torch.no_grad():
        odds = net(heard)
    use = sure > 0.25
    return roc_auc_score(voice[use] > 0.5, odds[use])


def write(net, path):
    state = {name: value.numpy() for name, value in net.state_dict().items()}

    def rows(matrix):
        whole = np.clip(np.round(matrix / SCALE), -127, 127).astype(int)
        return "".join("    [" + ", ".join(map(str, row)) + "],\n" for row in whole)

    def flat(values):
        return "".join("    " + ", ".join(f"{x:.4f}" for x in values[i : i + 8]) + ",\n" for i in range(0, len(values), 8))

    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""//! The weights of the network of `net`, written by `tools/fit/voice.py`.
//!
//! Fitted on a corpus of phone speech, read speech and recorded prompts, mixed with noise, hum, music and tones at many levels;
//! split by speaker and source. A row for each input or unit; in it the reset gates, the update gates and the candidates.
#![forbid(unsafe_code)]

use super::bands::INPUTS;
use super::net::UNITS;

/// What an integer weight is counted in.
pub const SCALE: f32 = {SCALE};

/// From the inputs.
#[rustfmt::skip]
pub const FROM_INPUT: [[i8; 3 * UNITS]; INPUTS] = [
{rows(state["units.weight_ih_l0"].T)}];

/// From the units' own states.
#[rustfmt::skip]
pub const FROM_STATE: [[i8; 3 * UNITS]; UNITS] = [
{rows(state["units.weight_hh_l0"].T)}];

/// Biases of what comes from the inputs.
#[rustfmt::skip]
pub const BIAS: [f32; 3 * UNITS] = [
{flat(state["units.bias_ih_l0"])}];

/// Biases of what comes from the states.
#[rustfmt::skip]
pub const STATE_BIAS: [f32; 3 * UNITS] = [
{flat(state["units.bias_hh_l0"])}];

/// From the units to the answer.
#[rustfmt::skip]
pub const OUT: [f32; UNITS] = [
{flat(state["out.weight"][0])}];

/// Its bias.
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
    net = fit(*load(options.mixtures))
    torch.save(net.state_dict(), options.net)
    if options.test:
        print("area under the curve, held out:", round(area(net, *load(options.test)), 4))
    if options.write:
        write(net, options.write)


if __name__ == "__main__":
    main()
