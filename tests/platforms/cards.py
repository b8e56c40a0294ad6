"""One specimen of every noun, span, button and field, with texts that try to be more than text."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from bot.core.action import Action, PartialAction
from bot.core.forms import (
    ChoiceField,
    ChoicesField,
    DateField,
    Form,
    Group,
    LookupField,
    NumberField,
    Option,
    PersonField,
    TextField,
    TimeField,
)
from bot.core.ui import (
    Bold,
    Button,
    Buttons,
    Chart,
    Code,
    Facts,
    File,
    FormButton,
    Line,
    Link,
    LinkButton,
    Mention,
    Message,
    Meter,
    Quote,
    Table,
    When,
)


class Thank(Action, name="specimen.thank"):
    times: int = 1
    note: str = ""


class Change(Action, name="specimen.change"):
    """Answers a change of a field."""


class Ask(Action, name="specimen.ask"):
    lead: int
    words: str = ""
    story: str = ""
    amount: Decimal | None = None
    day: date | None = None
    hour: time | None = None
    reason: str = ""
    tags: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    whom: str = ""
    company: str = ""


HOSTILE = (
    "*bold* _it_ ~no~ `code` **b** [x](https://evil.example) <!channel> <@U1> <https://evil.example|x> @here "
    ':tada: https://evil.example & &lt; <at>Ana</at> {{DATE(2026-01-01T00:00:00Z)}} {{{TIME(x)}}} \\* "q"\n'
    "> quote\n• point\n# head\n- item\n1. one\n    code\n---\n```\u202egnp.exe\u2069\u2066"
)
LONG = "A long sentence that somebody pasted, word for word. " * 40
AT = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
SALES = {"Won": (3.0, 5.0, 0.5), "Lost": (1.0, 0.0, 1234.0)}

MESSAGES = {
    "sentence": Message("Logged, thank you."),
    "line": Message(
        "A line",
        Line("Plain, ", Bold("bold"), ", ", Code("/swap"), ", ", Link("the page", "https://example.com/a_(b)?c=1&d=2")),
        Line("until ", When(AT), ", on ", When(AT, "date"), ", at ", When(AT, "time")),
    ),
    "mention": Message(
        "A mention",
        Line(Mention("U7", "Ana *Ng*"), " and ", Mention("U8", "Ana Ng"), " since ", When(AT, "date")),
        Line(Mention("import-3", "Bo"), " ", Bold("really "), Code("a_b"), Link("(here)", "https://example.com/(x)")),
    ),
    "quote": Message("A quote", Quote("First line.\n\nThird line, with * and _."), Quote("سلام، دنیا")),
    "facts": Message("Facts", Facts(("Company", "Acme & Sons"), ("Contact", "נועה"), ("Empty", ""))),
    "table": Message("A table", Table(("Name", "Calls"), (("Ana", "3"), ("Bo", ""), ("李雷", "12")))),
    "meter": Message("Meters", Meter("Goal", 7, 10), Meter("Just begun", 1, 1000), Meter("Nothing to do", 0, 0)),
    "bar": Message("Bars", Chart("Leads", "bar", ("Mon", "Tue", "Wed"), SALES)),
    "line_and_pie": Message(
        "Charts",
        Chart("Trend", "line", ("Mon", "Tue", "Wed"), SALES),
        Chart("Share", "pie", ("Web", "Fair"), {"Leads": (2.0, 6.5)}),
    ),
    "buttons": Message(
        "Buttons",
        Buttons(
            Button("Thank", Thank(note='said "hi"')),
            Button("Accept", Thank(times=2), "good"),
            FormButton("Reject", PartialAction.of(Ask, lead=7), "grave"),
            LinkButton("Open", "https://example.com/leads/7?a=1&b=2"),
        ),
        Buttons(Button("Undo", Thank())),
    ),
    "file": Message("A file", Line("See below."), File("standup.ics", b"BEGIN:VCALENDAR")),
    "hostile": Message(
        "<!channel> *now* @here & [x](https://evil.example) :tada:",
        Line(HOSTILE, Bold(HOSTILE), Code("`x`"), Link("[y](z) <@U1>", "https://example.com")),
        Line(Mention("U7", "Ana</at>"), HOSTILE, Bold("*x*\n\ny")),
        Quote(HOSTILE),
        Facts((HOSTILE, HOSTILE)),
        Table(("<!here>", "*b*"), ((HOSTILE, "`c`"),)),
        Meter("*half* <!here>", 1, 2),
        Chart("<!here> *x*", "bar", ("<@U1>", "{{DATE(x)}}"), {"<at>Ana</at>": (1.0, 2.0)}),
        Buttons(Button("*Go* <!here> :tada:", Thank(note=HOSTILE))),
    ),
    "long": Message("x" * 150, Line(LONG), Quote(LONG), Facts(("Story", LONG[:1900]))),
}  # fmt: skip

COLOURS = tuple(Option(f"c{n}", f"Colour {n}") for n in range(12))

FORMS = {
    "short": Form(
        title="Thank", action=PartialAction.of(Thank), fields=(TextField(name="note", label="Why?"),), submit="Send"
    ),
    "every_field": Form(
        title="Every field",
        action=PartialAction.of(Ask, lead=7),
        submit="Save",
        intro=(Line("About ", Bold("Acme")), Quote("Call me"), Facts(("Source", "Web"))),
        fields=(
            TextField(name="words", label="Words", hint="A few.", initial="so far", limit=80),
            TextField(name="story", label="Story", multiline=True, optional=True),
            NumberField(name="amount", label="Amount", decimal=True, at_least=0, at_most=99, initial=Decimal("1.50")),
            DateField(name="day", label="Day", initial=date(2026, 11, 30)),
            TimeField(name="hour", label="Hour", initial=time(0, 0)),
            ChoiceField(
                name="reason",
                label="Reason",
                hint="Changes what is asked.",
                options=(Group("Fit", (Option("size", "Too small"),)), Group("Time", (Option("later", "Later"),))),
                initial="later",
                on_change="specimen.change",
            ),
            ChoicesField(name="tags", label="Tags", options=COLOURS[:2], initial=("c1",), optional=True),
            ChoicesField(name="many", label="Many", options=(*COLOURS, Option("a,b%", "Comma")), initial=("a,b%",)),
            PersonField(name="whom", label="Who?", initial="U7"),
            LookupField(name="company", label="Company", lookup="companies", initial=Option("12", "Acme"),
                        on_change="specimen.change"),
        ),
    ),
    "bare_fields": Form(
        title="Nothing typed yet",
        action=PartialAction.of(Ask, lead=7),
        submit="Save",
        fields=(
            NumberField(name="amount", label=HOSTILE[:90]),
            DateField(name="day", label="Day"),
            TimeField(name="hour", label="Hour"),
            ChoiceField(name="reason", label="Reason", options=(Option("a", HOSTILE[:70]), Option("b", "<!here>"))),
            ChoicesField(name="many", label="Many", options=COLOURS),
            PersonField(name="whom", label="Who?", hint=HOSTILE[:200]),
            LookupField(name="company", label="Company", lookup="companies"),
        ),
    ),
}  # fmt: skip
