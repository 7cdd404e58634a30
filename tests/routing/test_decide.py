"""Whatever there is to choose from: each line goes to one pharmacy that may have it, or to nobody for a reason."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconsole.models import Measure, Pharmacy, PharmacyOffer, Rule, Then
from opsconsole.services.pharmacies import Candidate
from opsconsole.services.routing._decide import Rules, Wanted, decide

SKUS, NAMES = ("A", "B", "C"), ("One", "Two", "Three")
rules = st.builds(
    Rule,
    st.sampled_from(Then),
    st.lists(st.sampled_from([f"pha_{name}" for name in NAMES]), min_size=1, unique=True).map(tuple),
    st.frozensets(st.sampled_from(SKUS)),
    st.frozensets(st.sampled_from(["NV", "CA"])),
)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    found = []
    for rank, name in enumerate(NAMES):
        pharmacy = Pharmacy(
            id=f"pha_{name}", name=name, rank=rank, capacity=draw(st.none() | st.integers(1, 3)), active=True
        )
        has = draw(st.lists(st.sampled_from(SKUS), unique=True))
        offers = {
            sku: PharmacyOffer(sku=sku, cost=draw(st.integers(0, 3)), currency="usd", stock="low")
            for sku in has
        }
        lacking = {sku: f"{sku} is out" for sku in SKUS if sku not in has and draw(st.booleans())}
        found.append(Candidate(pharmacy, draw(st.booleans()), lacking, offers))
    return found


@settings(max_examples=150, deadline=None)
@given(
    candidates(),
    st.lists(st.sampled_from(SKUS), min_size=1, max_size=4),
    st.lists(rules, max_size=3),
    st.permutations(list(Measure)),
    st.integers(0, 3),
)
def test_each_line_goes_to_one_that_may_have_it(
    known: list[Candidate], skus: list[str], ruled: list[Rule], ranking: list[Measure], load: int
) -> None:
    lines = [Wanted(f"lin_{n}", sku, 1) for n, sku in enumerate(skus)]
    of = {one.pharmacy.id: one for one in known}
    names = {one.pharmacy.id: one.pharmacy.name for one in known}
    found = decide(lines, "NV", known, Rules(ruled, ranking, names), {"pha_One": load})
    gone = [line for choice in found.choices for line in choice.lines]
    assert sorted([*gone, *(line for line, _ in found.nowhere)], key=lambda line: line.id) == lines
    for choice in found.choices:
        one = of[choice.pharmacy.id]
        for line in choice.lines:
            assert one.licensed and line.sku not in one.lacking
            for rule in ruled:
                if rule.then is Then.ONLY and rule.about([line.sku], "NV"):
                    assert choice.pharmacy.id in rule.pharmacies
        assert choice.why and {other.pharmacy.id for other in choice.others} == of.keys() - {
            choice.pharmacy.id
        }
        assert all(other.why_not for other in choice.others)
        assert len(choice.why) <= 300
    whole = [
        one for one in known
        if all(any(line in choice.lines for choice in found.choices) for line in lines)
        and one.licensed
        and not any(line.sku in one.lacking for line in lines)
        and all(
            one.pharmacy.id in rule.pharmacies
            for rule in ruled
            if rule.then is Then.ONLY and any(rule.about([line.sku], "NV") for line in lines)
        )
    ]  # fmt: skip
    assert not whole or len(found.choices) == 1, "two parcels where one would do"
    assert all(len(others) == len(known) and all(o.why_not for o in others) for _, others in found.nowhere)
