# SPDX-License-Identifier: GPL-2.0-or-later
"""overlap: two copies of the same bytes, in every relation, equal and different, arriving in order and waiting
behind a hole. overlap-random: seeded mixtures of both copies. The host's socket says which copy won."""
import random

from case import talk
from table import add

# Relation of a first segment A to a second B; each as (bytes before the common part, bytes behind it).
RELATIONS = {
    "same": ((0, 0), (0, 0)),
    "longer": ((0, 0), (0, 18)),       # B has A's start and more
    "shorter": ((0, 18), (0, 0)),
    "inside": ((20, 18), (0, 0)),      # B lies within A
    "covering": ((0, 0), (20, 18)),
    "end-earlier": ((0, 0), (20, 0)),  # same end, B begins earlier
    "end-later": ((20, 0), (0, 0)),
    "tail": ((20, 0), (0, 18)),        # B overlaps A's tail
    "head": ((0, 18), (20, 0)),
}


def pair(relation, contents, queued, common=(-2, 2)):
    (a0, a1), (b0, b1) = RELATIONS[relation]
    texts = {"equal": ("text", "text"), "first": ("text", "benign"), "second": ("benign", "text"), "both": ("text", "other")}[contents]

    def build(r):
        begin, end = r.start + common[0], r.end + common[1]
        spans = [(begin - a0, end + a1), (begin - b0, end + b1)]
        two = [r.at(a, b, getattr(r, text)) for (a, b), text in zip(spans, texts)]
        low, high = min(a for a, _ in spans), max(b for _, b in spans)
        # What only one copy has lies outside the lookup, where both texts agree.
        head, rest = r.at(0, low), r.at(high, len(r))
        if queued:
            return talk([*two, head, rest], len(r))
        if spans[0][0] > low:  # A leaves a hole that B fills: as near to "in order" as it gets
            return talk([head, *two, rest], len(r))
        return talk([head, *two, rest], len(r))
    return build


for queued in (False, True):
    for relation in RELATIONS:
        for contents in ("equal", "first", "second"):
            add("overlap", "%s-%s-%s" % (relation, contents, "queued" if queued else "in-order"),
                pair(relation, contents, queued), (4, 6) if relation in ("longer", "tail") and contents == "second" else (4,),
                conflict=contents != "equal", ordinary=contents == "equal")
    for relation in ("same", "longer", "covering"):
        add("overlap", "%s-both-%s" % (relation, "queued" if queued else "in-order"), pair(relation, "both", queued),
            conflict=True, ordinary=False)
    # The copies differ in a part of the lookup only: a mixture may come out.
    for relation in ("same", "inside", "covering", "tail", "head", "longer"):
        for contents in ("first", "second"):
            add("overlap", "half-%s-%s-%s" % (relation, contents, "queued" if queued else "in-order"),
                pair(relation, contents, queued, (22, 1)), conflict=True, ordinary=False)


def sandwich(order, texts):
    """Three copies of the lookup behind a hole."""
    def build(r):
        spans = [(r.start - 2, r.start + 20), (r.start + 10, r.end + 2), (r.start - 2, r.end + 2)]
        parts = [r.at(*spans[i], getattr(r, texts[i])) for i in order]
        return talk([*parts, r.at(0, r.start - 2), r.at(r.end + 2, len(r))], len(r))
    return build


for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
    for texts in (("text", "text", "benign"), ("benign", "benign", "text"), ("text", "benign", "text")):
        add("overlap", "three-%d%d%d-%s" % (*order, "".join(t[0] for t in texts)), sandwich(order, texts), conflict=True, ordinary=False)


def filler(copy, reach):
    """The segment that fills the hole reaches into what waits, with another copy."""
    def build(r):
        waiting = r.at(r.start - 2, r.end + 2, r.benign if copy == "text" else r.text)
        filling = r.at(0, r.start + reach if reach < 100 else r.end + 2, getattr(r, copy))
        return talk([waiting, filling, r.at(r.end + 2, len(r))], len(r))
    return build


for reach in (5, 20, 100):
    for copy in ("text", "benign"):
        add("overlap", "filler-%s-%d" % (copy, reach), filler(copy, reach), conflict=True, ordinary=False)


def mixture(seed, equal):
    """Segments of random place, length and copy until all is covered, in random order."""
    def build(r):
        dice = random.Random("%s %d" % (equal, seed))
        parts, covered = [], set()
        while len(covered) < len(r):
            begin = dice.randrange(len(r)) if len(parts) < 40 else min(set(range(len(r))) - covered)
            end = min(len(r), begin + dice.randrange(4, 60))
            parts.append(r.at(begin, end, r.text if equal or dice.random() < 0.65 else r.benign))
            covered.update(range(begin, end))
        return talk(parts, len(r))
    return build


for seed in range(30):
    add("overlap-random", "different-%02d" % seed, mixture(seed, False), conflict=True, ordinary=False)
for seed in range(15):
    add("overlap-random", "equal-%02d" % seed, mixture(seed, True), (4, 6) if seed < 3 else (4,))
