# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of all cases. Each cases_*.py adds its groups."""
from case import Case, Req

CASES = []


def add(group, name, build, families=(4,), before=b"", after=b"", **facts):
    """build(request) gives the steps. With both families the case counts twice, once per IP version."""
    for family in families:
        ident = name if family == families[0] == 4 else "%s-v%d" % (name, family)
        request = Req("%s/%s" % (group, ident), before, after)
        request.family = family
        CASES.append(Case(group, ident, build(request), family=family, **facts))


def load():
    import cases_order, cases_overlap, cases_decoy, cases_state, cases_host, cases_frag, cases_view, cases_link, cases_mixed, cases_http  # noqa: E401,F401
    names = [c.id for c in CASES]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    assert len({c.tag for c in CASES}) == len(CASES)
    for number, c in enumerate(CASES):
        c.client = "198.18.%d.%d" % (number // 200, 10 + number % 200) if c.family == 4 else "2001:db8:c::%x" % (16 + number)
        c.sport = 20000 + number
    return CASES
