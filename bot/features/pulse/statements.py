"""The statements Parley ships: a bank of 28, each worded for both sides, the item about trust, and the symptoms.

The words are our own; the constructs are those of research on the interface between marketing and sales. They are data,
translated by whoever shows them. Edit the bank, and what waves have asked before keeps its words.
"""

from dataclasses import dataclass

from bot.core.language import N_
from storage.people import Side


@dataclass(frozen=True)
class Statement:
    """To agree is good unless it `is_reverse`; where it `is_healthy`, differences between the sides help."""

    code: str
    topic: str
    sales: str
    marketing: str
    is_reverse: bool = False
    is_healthy: bool = False
    is_shipped: bool = True

    def wording(self, side: Side) -> str:
        return self.sales if side == Side.SALES else self.marketing


def _same(code: str, topic: str, text: str, *, is_reverse: bool = False, is_healthy: bool = False) -> Statement:
    return Statement(code, topic, text, text, is_reverse, is_healthy)


QUALITY, FOLLOW_UP, ACTION = N_("Lead quality"), N_("Follow-up"), N_("Action taken")
ANCHORS = ("L1", "L2")
ACTION_TAKEN = "S2"

BANK = (
    _same("G1", N_("Shared goal"), N_("I can name the number sales and marketing share this quarter")),
    Statement(
        "G2",
        N_("Strategy"),
        N_("Marketing and we would describe our target customer the same way"),
        N_("Sales and we would describe our target customer the same way"),
    ),
    Statement(
        "G3",
        N_("Joint planning"),
        N_("I had a real say in the plan marketing is now carrying out"),
        N_("Sales had a real say in the plan we are now carrying out"),
    ),
    Statement(
        "G4",
        N_("Role clarity"),
        N_("I know which decisions are marketing's, ours and joint"),
        N_("I know which decisions are sales', ours and joint"),
    ),
    Statement(
        "L1",
        QUALITY,
        N_("The leads I got this week deserved my time"),
        N_("The leads we passed this week deserved a seller's time"),
    ),
    Statement(
        "L2",
        FOLLOW_UP,
        N_("Leads I accepted got a proper attempt in time"),
        N_("The leads we passed got a proper attempt in time"),
    ),
    Statement(
        "L3",
        N_("Information"),
        N_("Leads arrived with what I needed to start a conversation"),
        N_("We passed leads with what a seller needs to start a conversation"),
    ),
    Statement(
        "L4",
        N_("Closed loop"),
        N_("When I give lead feedback I hear what was done with it"),
        N_("When we get lead feedback we tell the person what we did"),
    ),
    Statement(
        "L5",
        N_("Closed loop"),
        N_("I can say in a minute what was right or wrong with a lead"),
        N_("The lead feedback we get is specific enough to act on"),
    ),
    Statement(
        "L6",
        N_("Closed loop"),
        N_("Sending a lead back for later is accepted, not punished"),
        N_("Leads sent back for later get looked after by us"),
    ),
    Statement(
        "C1",
        N_("Communication"),
        N_("What marketing tells me is useful in my work"),
        N_("What sales tells us is useful in our work"),
    ),
    Statement(
        "C2",
        N_("Communication"),
        N_("Marketing listens and changes its mind when we have a point"),
        N_("Sales listens and changes its mind when we have a point"),
    ),
    Statement(
        "C3",
        N_("Communication"),
        N_("I hear about campaigns before customers do"),
        N_("We hear about deals and objections before they become a problem"),
    ),
    Statement(
        "C4",
        N_("Communication"),
        N_("What I learn about competitors reaches someone who uses it"),
        N_("What sales learns about competitors reaches us in usable form"),
    ),
    Statement("T1", N_("Trust"), N_("People in marketing know their craft"), N_("People in sales know their craft")),
    Statement(
        "T2", N_("Trust"), N_("People in marketing want me to succeed"), N_("People in sales want us to succeed")
    ),
    Statement(
        "T3",
        N_("Mutual understanding"),
        N_("I could describe an ordinary day in marketing"),
        N_("I could describe an ordinary day in sales"),
    ),
    Statement(
        "T4",
        N_("Mutual understanding"),
        N_("Marketing understands what my day with customers is like"),
        N_("Sales understands what goes into our work"),
    ),
    _same("X1", N_("Blame"), N_("When results slip, fingers point at the other team"), is_reverse=True),
    _same("X2", N_("Tone"), N_("I hear belittling jokes about the other team"), is_reverse=True),
    _same("X3", N_("Constructive conflict"), N_("We argue openly about ideas and both sides gain"), is_healthy=True),
    Statement(
        "X4",
        N_("Time horizon"),
        N_("Marketing looks further ahead than we do"),
        N_("Sales looks at a nearer horizon than we do"),
        is_healthy=True,
    ),
    Statement(
        "X5",
        N_("Time horizon"),
        N_("We speak for the single customer, marketing for the market"),
        N_("Sales speaks for the single customer, we for the market"),
        is_healthy=True,
    ),
    Statement(
        "P1",
        N_("Promises"),
        N_("Marketing's messages match what I can deliver"),
        N_("What sales promises matches what we communicate"),
    ),
    _same("P2", N_("Exceptions"), N_("Price and customisation exceptions are decided quickly and clearly")),
    Statement(
        "P3",
        N_("Materials"),
        N_("Materials I need exist and fit real conversations"),
        N_("Materials we make get used in real conversations"),
    ),
    _same("S1", N_("Leaders"), N_("Our leaders show by their deeds that both teams count")),
    _same("S2", ACTION, N_("Something changed for the better because of this pulse")),
)

TRUST = _same("Q1", N_("This pulse"), N_("I believe answers here cannot be traced to me"))
OPEN_QUESTIONS = (
    _same("O1", N_("In your words"), N_("One thing the other team did that helped you")),
    _same("O2", N_("In your words"), N_("One thing to change next week")),
)
SYMPTOMS = (
    _same("Y1", N_("Symptoms"), N_("Leaders of sales and marketing avoid joint work")),
    _same("Y2", N_("Symptoms"), N_("There are hostile camps, or jokes at each other's expense")),
    _same("Y3", N_("Symptoms"), N_("More steps of approval are needed than a quarter ago")),
    _same("Y4", N_("Symptoms"), N_("Joint projects end without a result")),
    _same("Y5", N_("Symptoms"), N_("Whatever goes wrong, “communication” is blamed for it")),
    _same("Y6", N_("Symptoms"), N_("People feel stuck")),
    _same("Y7", N_("Symptoms"), N_("The heads speak ill of each other")),
)
