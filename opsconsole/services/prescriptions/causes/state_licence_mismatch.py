"""The prescriber, or the pharmacy, is not licensed where it ships to."""

from __future__ import annotations

from ....models import PrescriptionStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import ask, of_order, of_rx, send_elsewhere
from ._seen import FAILED, Seen

TITLE = "Somebody is not licensed where it ships to"


def find(seen: Seen) -> Found | None:
    if not seen.leaving or not seen.state:
        return None
    return _prescriber(seen) or _pharmacy(seen)


def _prescriber(seen: Seen) -> Found | None:
    for rx in seen.prescriptions:
        provider, licence = seen.prescribers.get(rx.provider_id or "", (None, None))
        if rx.status != PrescriptionStatus.ACTIVE or provider is None or (licence and licence.holds(seen.on)):
            continue
        held = f"{licence.status}, until {licence.expires_on or 'no end'}" if licence else "none"
        evidence = [
            Evidence("Prescriber", provider.name, provider.url), Evidence(f"Licence in {seen.state}", held, provider.url),
            of_rx(rx), *of_order(seen.order),
        ]  # fmt: skip
        says = f"It ships to {seen.state}, and {provider.name} is not licensed there: somebody else has to prescribe it."
        return Found(says, Fixer.CLINICIAN, evidence, [ask(seen, "state_licence_mismatch", rx)])
    return None


def _pharmacy(seen: Seen) -> Found | None:
    """The one that was asked, or all of them where none was."""
    licensed = {one.pharmacy.id for one in seen.candidates if one.licensed}
    fill = next((one for one in seen.fills if one.pharmacy_id not in licensed), None)
    if fill is None and (licensed or not seen.shipped or seen.fills or not seen.order):
        return None
    evidence = [Evidence("Ships to", seen.state), *of_order(seen.order)]
    offers: list[Offer] = []
    if fill:
        evidence.insert(0, Evidence(fill.pharmacy.name, f"no licence in {seen.state}", fill.pharmacy.url))
        offers = [*send_elsewhere(seen, fill)] if fill.status in FAILED else []
    if seen.order and seen.ours:
        does = "It goes to a pharmacy that is licensed there, whatever the rules say."
        offers.append(Offer("orders.reroute", seen.order.id, "Choose another pharmacy", does))
    says = f"No pharmacy that has it may ship to {seen.state}."
    return Found(says, Fixer.OPS_LEAD, evidence, offers)
