"""What the console's words mean, for people."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from ..models import Stateful
from ._reading import wants_json
from ._who import reads

pages = Blueprint("glossary", __name__)

WORDS = (
    ("Act", "Something somebody did here: one step that happens whole or not at all. Each has a line in the audit."),
    ("Preview", "What an act would change and send out, worked out before anything is done. Looking costs nothing."),
    ("Undo", "Takes an act back while nothing has left the console. The button says how long that lasts."),
    ("Promise", "One call to another company that an act owes, such as a refund at Stripe. It is made at most once, "
     "and tried again by itself when nobody answers."),
    ("Attempt", "One try of a promise: when, how long it took, and what came back."),
    ("Expectation", "Something that another company should tell us by a certain time. If it does not, we ask by ourselves; "
     "it is missed only when asking shows that it has not happened."),
    ("Lane", "Promises about the same thing wait for each other, so they happen in their order."),
    ("Round", "Tries that belong together. A new round begins only when a person tries again after a clear no."),
    ("Incident", "A vendor in trouble: one for each, from the first sign until what waited for it has gone out. Meanwhile "
     "what is owed to it waits in order, and nothing is given up."),
    ("Draining", "A vendor is back, and what waited for it goes out: a few calls first, then ever more, each lane "
     "in its order."),
    ("Breaker", "Stops calls of one kind to a vendor that does not answer; one probe at a time finds out when it does."),
    ("Inbox", "What Stripe and the others told us. It is kept as it came, and taken in a moment later."),
    ("Event", "One thing that another company told us."),
    ("Case", "Something that cannot go on by itself, so a person must look. It says why, and suggests what to do."),
    ("Fill", "One portion of a prescription that a pharmacy makes up and ships. An order has one that is alive, never two."),
    ("Prescription", "What a clinician ordered, with how often it may be filled and until when. Nobody changes one: a new "
     "one takes its place."),
    ("Refill", "A fill after the first one: with 2 refills a prescription can be filled 3 times."),
    ("Unmapped key", "A name by which somebody else calls a product, and of which nobody has said yet which product it is."),
    ("Visit", "One time that a patient's answers come before a clinician, from the invitation to the decision."),
    ("Questionnaire", "What patients are asked, in versions. An answer is read as it was asked, whatever changed since."),
    ("Review flag", "Something about a patient that a clinician has to have looked at. What it blocks waits until then."),
    ("Reminder", "A neutral message to a patient we wait for. It stops by itself once they have answered."),
    ("Replacement", "The same again for nothing, because what was sent did not arrive as it should have."),
    ("Cause", "One of the 22 things that keep a prescription from being filled: what shows it, and who can do what."),
    ("Override", "A clinician's word that lets one order through one closed gate. It ends by itself."),
    ("Triage", "The pharmacy's own staff resolves something about a fill. It is no failure: wait."),
    ("Accepted unverified", "Somebody ships to an address that nobody vouches for. The order and its fill say who and why."),
    ("Plan", "Several acts about one order that were decided on together. All of them could be done, or none was."),
    ("Guard", "Something that must never be so for a patient. What would break one is refused before it is done."),
    ("Renewal", "That a prescription comes to its end, and what is done so that the next one is there in time."),
    ("Service level", "How long something may take before it is warned of and before it is late. Each rule says one; people "
     "may set another, also for one product or one pharmacy."),
    ("Working hours", "The hours in which somebody works, in their own time zone, without holidays. Time outside them does "
     "not count where a service level says so."),
    ("The ball", "Whoever has to do something next has the ball. An order's whole time is divided among those who had it."),
    ("Intercept", "The wish that a carrier stops a parcel. A person asks the carrier; the scans say how it ended."),
    ("Stuck", "It does not go on, for one cause. The board says which, who has to move, and what puts it right."),
    ("Service level", "How long something may wait before it is worth telling, and before it has waited too long."),
    ("Recipe", "The steps by which somebody puts a cause right: what to look at, what to answer, what to do."),
    ("Reporting", "Views of the console's tables for reports and charts made elsewhere: ids, statuses, times and money, and "
     "nothing of anybody's health or person."),
    ("Manual intervention", "It waits for a person. Its case says what to do."),
    ("Snooze", "A case is put away until a day, with the reason. It comes back then, or when something happens to it."),
    ("Hand over", "A case goes to a colleague or a team, with a note that says what they have to know."),
    ("Cause of cases", "Cases with one fingerprint: the same system, code and step. One fix may put them all right."),
    ("Over time", "A case or something stuck that lasts longer than it should."),
    ("Trace", "One cause and all that came of it: the click, what was sent, what came back."),
    ("Audit", "Who did what, and when. Nothing in it can be changed."),
    ("Quote", "A price or a sum that was read elsewhere before an act, with the time it was read."),
    ("System of record", "The one company or program that owns a fact. All others keep a copy and say how old it is."),
    ("Idempotency key", "What makes a second click on the same button change nothing."),
    ("Sandbox", "A make-believe outside world: no real money, no real parcels."),
)  # fmt: skip


@pages.get("/glossary")
@reads("orders")
def show() -> ResponseReturnValue:
    """The words of the house, and every status of every noun with what staff do about it."""
    nouns = Stateful.nouns()
    if wants_json():
        words = [{"word": word, "means": means} for word, means in WORDS]
        states = [
            {"noun": noun.noun(), "status": status.value, "means": status.help}
            for noun in nouns
            for status in noun.STATUS
        ]
        return jsonify({"words": words, "statuses": states})
    return render_template("glossary/show.html", words=sorted(WORDS), nouns=nouns)
