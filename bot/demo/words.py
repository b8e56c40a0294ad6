"""What the sample company's leads are called, and what its people say of them."""

COMPANIES = tuple(
    f"{name} {kind}"
    for kind in ("Foods", "Optics", "Pumps", "Coatings", "Labs", "Robotics", "Valves", "Glass")
    for name in (
        "Alder", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Ginkgo", "Hazel", "Iris", "Juniper", "Larch", "Maple",
        "Nettle", "Olive", "Poplar", "Quince", "Rowan", "Sorrel", "Tulip", "Willow",
    )
)  # fmt: skip
SOURCES = {  # by campaign
    "Calibration webinar": "webinar",
    "Measuring fair": "trade fair",
    "Partner referrals": "partner",
    "Free sample kit": "website",
    "Search advertising": "search",
}
ACHES = (
    "Wants to replace three gauges before the summer.",
    "Asked for a calibration certificate in English.",
    "Downloaded the price list twice.",
    "Their auditor wants traceable measurements.",
    "Opens a second plant next year.",
)
SAID = {  # code -> how often in a month, and in which words
    "R8": (4, ("only three employees", "a school, not a plant", "they only resell", "far below our smallest order")),
    "R5": (3, ("the phone number is dead", "the e-mail comes back", "no contact person at all")),
    "R9": (1, ("only wanted the sample", "a student's thesis", "had pressed the button by mistake")),
    "R3": (1, ("buys from us since 2019", "our customer in Porto")),
    "R10": (1, ("they sell gauges themselves", "looks for a job")),
    "D2": (1, ("needs explosion protection, which we do not have", "needs 0.1 micrometre")),
    "D3": (1, ("no money before the next financial year", "the investment was stopped")),
    "D5": (1, ("took the cheaper offer from their old supplier", "decided for a competitor with a rental model")),
    "N1": (2, ("moves to a new hall first", "asks us to come back after the audit", "is busy with the year's end")),
    "N3": (1, ("under contract elsewhere", "their maintenance contract runs on")),
    "N2": (1, ("next budget only", "waits for the budget round")),
    "W1": (3, ("spoke to the head of quality at once", "the one who decides called back")),
    "W3": (2, ("had read our article on drift", "came with the right questions from the webinar")),
    "W4": (1, ("three rejected batches in one month", "their auditor gave them six weeks")),
    "W2": (1, ("the old device broke the day before",)),
}
NOTES = (  # who, code, words: not about one lead
    ("ines", "M2", "Three customers in a row call the service contract too expensive."),
    ("luis", "M5", "We have nothing in Portuguese on calibration."),
    ("tom", "M3", "A competitor says that our sensors drift after two years."),
    ("grace", "M6", "Wherever I go, people praise the sample kit."),
)
ANSWERS = {  # by code: answer, text
    "R8": ("change", "The form asks for the number of employees now, and sends firms under ten to the shop."),
    "R5": ("change", "We check every e-mail address before a lead goes out."),
    "R10": ("change", "We ask for the company's name before a lead goes out."),
    "R9": ("no_change", "The sample brings one buyer in eight, so we keep it; we mark these leads as “from a list”."),
    "R3": ("change", "Existing customers are taken out by their customer number."),
    "D2": ("need_more", "Which requirement stops them? Two more examples, and product management gets them."),
    "D3": ("no_change", "They come back with the next budget; we write to them then."),
    "D5": ("need_more", "Please write down the price they were offered."),
    "N1": ("change", "We ask when they want to be called, and tell you."),
    "N2": ("change", "The newsletter comes before the budget rounds from now on."),
    "N3": ("no_change", "Nobody tells us when their contract ends; asking on the phone is best."),
    "W1": ("change", "We invite heads of quality first from now on."),
    "W3": ("change", "There will be a second article on drift."),
    "W2": ("no_change", "That was luck. We are glad."),
    "W4": ("change", "We tell more stories of rejected batches."),
    "M2": ("need_more", "What do they compare it with? Two offers would help."),
    "M5": ("change", "Clara translates the calibration guide."),
}
TALK = (  # channel, who, words
    ("sales", "tom", "Who is at the measuring fair next week? I could take the morning."),
    ("sales", "grace", "I am. Let us meet at the stand at nine."),
    ("marketing", "clara", "The webinar on drift has 212 registrations."),
    ("alignment", "mo", "Good to hear. What should we look at next?"),
    ("alignment", "ines", "Thank you for checking the addresses. We notice it on the phone."),
)
