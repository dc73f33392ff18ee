"""The decision rules of core/src/job/machine/classifier/decision.rs on tables of log-odds: verdicts, reports, and a search for better rules."""

import collections

import numpy as np
from sklearn.linear_model import LogisticRegression

from features import FEATURES, FIRST, MEDIA

# Log-odds and seconds; see decision.rs.
RULES = {
    "voice_seconds": 1.3, "voice_machine": 1.5, "long_voice_machine": 0.5,
    "short_pause": 0.6, "long_pause": 1.75, "short_human": -0.8, "middle_human": -1.2, "long_human": -0.1,
    "pause_machine": 2.5, "min_voice": -0.7,
}  # fmt: skip
LONG_VOICE = 3.5  # seconds
MIDDLE = 0.4  # of the way from the short to the long pause

# What the search aims at: rates, and times in ms. A rate below 0.6 of it and a time below 0.97 of it cost nothing; some count three
# times.
AIMS = {
    "people": 0.015, "long greeting": 0.15, "free sentence": 0.15, "machines": 0.015, "pause 0.6": 0.04, "pause 1.0": 0.10,
    "short machine": 0.5, "voice 0.25": 0.01, "voice 0.6": 0.03, "voice 1.0": 0.1, "voice one sentence": 0.4, "swapped": 0.04,
    "noise": 0.06, "unknown": 0.01,
    "person ms": 800, "person 95 % ms": 1900, "machine ms": 2200, "machine 95 % ms": 4000,
}  # fmt: skip
HEAVY = ("people", "machines", "swapped", "free sentence", "pause 1.0", "voice 1.0", "person ms", "machine ms")


class Table:
    """The rows of calls as arrays, one line for each call."""

    def __init__(self, calls):
        size = max((len(call["rows"]) for call in calls), default=0)
        self.pause, self.voiced, self.media, self.odds, self.voice = (np.zeros((len(calls), size), np.float32) for _ in range(5))
        self.there = np.zeros((len(calls), size), bool)
        pause, voiced, span = (FIRST + FEATURES.index(name) for name in ("pause", "voiced", "span"))
        self.onset = np.zeros(len(calls))
        for k, call in enumerate(calls):
            rows, n = call["rows"], len(call["rows"])
            if n:
                self.pause[k, :n], self.voiced[k, :n], self.media[k, :n] = rows[:, pause], rows[:, voiced], rows[:, MEDIA]
                self.odds[k, :n], self.voice[k, :n], self.there[k, :n] = call["odds"], call["voice"], True
                self.onset[k] = rows[0, MEDIA] - 1000 * (rows[0, span] + rows[0, pause])
        self.end = np.array([call["end"] for call in calls])
        self.machine = np.array([-1 if call["machine"] is None else call["machine"] for call in calls])
        self.calls = calls

    def decide(self, rules, shift=0.0):
        """Verdicts (0 human, 1 machine, -1 none), their media times in ms and their log-odds. `shift`: added to the log-odds."""
        odds = self.odds + shift
        sounding, heard = self.pause == 0, self.there & (self.voice >= rules["min_voice"])
        progress = np.clip((self.pause - rules["short_pause"]) / (rules["long_pause"] - rules["short_pause"]), 0, 1)
        limit = np.interp(progress, [0, MIDDLE, 1], [rules["short_human"], rules["middle_human"], rules["long_human"]])
        certain = np.interp(self.voiced, [rules["voice_seconds"], LONG_VOICE], [rules["voice_machine"], rules["long_voice_machine"]])
        pausing = ~sounding & (self.pause >= rules["short_pause"])
        human = heard & pausing & (odds <= limit)
        machine = heard & (
            (sounding & (odds >= certain) & (self.voiced >= rules["voice_seconds"]))
            | (pausing & ~human & ((odds >= rules["pause_machine"]) | (progress >= 1)))
        )
        decided, lines = human | machine, np.arange(len(self.calls))
        first = decided.argmax(1)
        verdict = np.where(decided.any(1), np.where(human[lines, first], 0, 1), -1)
        return verdict, self.media[lines, first], self.odds[lines, first]


def groups(table):
    """For each kind of call its name and which calls it has."""
    people, machines = table.machine == 0, table.machine == 1
    yield "people", people
    yield "machines", machines
    yield "noise", table.machine == -1
    keys = collections.defaultdict(list)
    for k, call in enumerate(table.calls):
        who = {0: "people", 1: "machines", -1: "noise"}[table.machine[k]]
        for key in ("kind", "label", "length", "language", "source"):
            if call.get(key) and call[key] != "original":
                keys[f"{who}, {key}: {call[key]}"].append(k)
    for key, members in sorted(keys.items()):
        yield key, np.isin(np.arange(len(table.calls)), members)


def wrong(table, verdict):
    """A human or a machine for the other, and a human where there is only noise."""
    return np.where(table.machine == -1, verdict == 0, (verdict != -1) & (verdict != table.machine))


def times(table, verdict, media):
    """Times of correct verdicts: of people after the end of their greeting, of machines after their first voice."""
    return np.where(verdict == table.machine, media - np.where(table.machine == 1, table.onset, table.end), np.nan)


def report(tables, rules):
    for part, table in tables.items():
        verdict, media, _ = table.decide(rules)
        bad, ms = wrong(table, verdict), times(table, verdict, media)
        print(part)
        for name, use in groups(table):
            if use.any():
                known = ms[use][~np.isnan(ms[use])]
                spread = "{:.0f} {:.0f}".format(*np.percentile(known, [50, 95])) if len(known) else "-"
                print(f"  {name:<48} {bad[use].sum():4} of {use.sum():5} ({100 * bad[use].mean():.1f} %)  undecided {(verdict[use] == -1).sum():4}  ms {spread}")
    for sensitivity in range(0, 101, 10):
        print(sensitivity, figures(tables, rules, (sensitivity - 50) / 50 * 1.5))


def figures(tables, rules, shift=0.0):
    """The rates and times of AIMS."""
    table = tables["corpus"]
    verdict, media, _ = table.decide(rules, shift)
    bad, ms = wrong(table, verdict), times(table, verdict, media)
    people, machines = table.machine == 0, table.machine == 1
    long = people & np.array([call.get("length") == "2.5-5" for call in table.calls])
    out = {"people": bad[people].mean(), "long greeting": bad[long].mean(), "machines": bad[machines].mean(), "unknown": (verdict[people] == -1).mean()}
    for name, use in (("person", people), ("machine", machines)):
        known = ms[use][~np.isnan(ms[use])]
        out[f"{name} ms"], out[f"{name} 95 % ms"] = np.percentile(known, [50, 95]) if len(known) else (9999, 9999)
    table = tables["traps"]
    verdict, media, _ = table.decide(rules, shift)
    bad = wrong(table, verdict)
    kinds = np.array([call["kind"] for call in table.calls])
    for name in AIMS.keys() - out.keys():
        if (kinds == name).any():
            out[name] = bad[kinds == name].mean()
    table = tables["noises"]
    out["noise"] = wrong(table, table.decide(rules, shift)[0]).mean()
    return {name: round(float(value), 3) for name, value in out.items()}


def cost(found):
    slack = lambda name: 0.97 if name.endswith("ms") else 0.6
    return sum(max(0, found[name] / aim - slack(name)) * (3 if name in HEAVY else 1) for name, aim in AIMS.items() if name in found)


def search(tables, count, seed=0):
    """The best of `count` rules, changed at random from the best so far."""
    rng = np.random.default_rng(seed)
    best = RULES, cost(figures(tables, RULES))
    for k in range(count):
        rules = dict(best[0] if k % 5 else RULES)
        for name in rng.choice(list(rules), rng.integers(1, 4), replace=False):
            rules[name] += rng.normal() * (0.12 if name in ("voice_seconds", "short_pause", "long_pause") else 0.5)
        rules["long_pause"] = min(rules["long_pause"], 1.75)
        rules["short_pause"] = min(max(rules["short_pause"], 0.6), 0.8)
        found = cost(figures(tables, rules))
        if found < best[1]:
            best = rules, found
    return {name: round(float(value), 2) for name, value in best[0].items()}


def calibrate(tables, rules):
    """Fits the confidence: for each verdict a line from the log-odds of the model to those of a machine, with as many people as
    machines among the calls."""
    tables = [tables["corpus"], tables["traps"]]
    found = np.concatenate([np.stack([table.machine, *table.decide(rules)[::2]], 1) for table in tables])
    found = found[(found[:, 0] >= 0) & (found[:, 1] >= 0)]
    share = found[:, 0].mean()
    for verdict, name in ((0, "human"), (1, "machine")):
        rows = found[found[:, 1] == verdict]
        weight = np.where(rows[:, 0] == 1, 0.5 / share, 0.5 / (1 - share))
        fit = LogisticRegression(C=100).fit(rows[:, 2:], rows[:, 0], sample_weight=weight)
        print(f"log-odds of a machine at the verdict {name}: {fit.intercept_[0]:.2f} + {fit.coef_[0, 0]:.2f} x")
