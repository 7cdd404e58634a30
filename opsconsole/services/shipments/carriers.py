"""How each carrier is asked to stop a parcel. EasyPost has no call for it, so a person asks.

The names are those under which carriers sell it; what it costs and until when it works is theirs to say. All of them act for
the sender: the account that bought the label.
"""

from __future__ import annotations

_ASK = {
    "USPS": "Ask for USPS Package Intercept at usps.com, with the number, and choose “return to sender”. It costs a fee and "
    "is not for parcels that are out for delivery.",
    "UPS": "Ask for UPS Delivery Intercept at ups.com or by phone, with the number: “return to sender”. It costs a fee when "
    "it works.",
    "FedEx": "Ask FedEx customer service, with the number, to return it to the sender before it is delivered.",
    "DHLExpress": "Ask DHL customer service, with the number, to return it to the shipper.",
    "OnTrac": "Ask OnTrac customer care, with the number, to return it to the shipper.",
}


def how_to_stop(carrier: str) -> str:
    """Where to ask and what to say, in one or two sentences."""
    ask = _ASK.get(carrier, f"Ask {carrier}'s customer service, with the number, to return it to the sender.")
    return f"{ask} The pharmacy is the sender: have its name and address at hand."
