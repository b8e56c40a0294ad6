"""Every sentence is marked for translation, and spoken in the language of whoever reads it, never the actor's."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from bot.core import language, ui
from bot.core.action import wire_names
from bot.core.forms import ChoiceField, ChoicesField, Form, Group, LookupField
from bot.core.language import LOCALES, choose, isolate, languages, ngettext, speaking
from bot.core.language import _ as translated
from bot.features.gemba.words import LANGUAGES
from tests.features.stories import on_sqlite
from tests.world import TestMember, a_world

MARKED = "eo"  # stands for any language: its sentences are the English ones, each between two marks
WRITTEN = (  # by people, or the same in every language
    "Ana", "Mo", "Acme Ltd", "webinar", "Spring fair", "only three employees", "the big one", "Which pump?",
    "We look at the size first", "Parley", "UTC", "Esperanto", "English", "nonsense", "SDR", "leads", "marketing",
    "Mia", "gemba", *LANGUAGES.values(),
)  # fmt: skip


@cache
def sentences():
    """All that Babel finds marked with `_`, `N_` and `ngettext`."""
    return [message for _file, _line, message, _comments, _context in extract_from_dir(LOCALES.parent)]


@pytest.fixture
def marked(tmp_path, monkeypatch):
    """A language in which every sentence that Babel finds is marked, as its translators would deliver it."""
    catalog = Catalog(locale=MARKED)
    for message in sentences():
        forms = message if isinstance(message, tuple) else (message,)
        translation = tuple(f"⟦{form}⟧" for form in forms)
        catalog.add(message, translation if isinstance(message, tuple) else translation[0])
    folder = tmp_path / MARKED / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "parley.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(language, "LOCALES", tmp_path)
    _forget()
    yield
    _forget()


def _forget():
    language.languages.cache_clear()
    language._translations.cache_clear()


@pytest.fixture
async def world(marked, database):
    async with a_world(database) as world:
        yield world


class Reader:
    """Reads all that one person is shown, aloud: every line of it must be in their language."""

    def __init__(self, member: TestMember, is_marked: bool) -> None:
        self.member, self.is_marked, self.read = member, is_marked, 0

    async def does(self, doing) -> ui.Message | None:
        """Let them act, and read what they are shown then; the last answer, if there is one."""
        await doing
        self.form()
        answers = list(self.member.replies)
        self.member.replies.clear()
        for answer in answers:
            self.message(answer)
        return answers[-1] if answers else None

    def dm(self) -> ui.Message:
        posted = self.member.reads_dm()
        self.message(posted.message)
        return posted

    def message(self, message: ui.Message) -> None:
        self.line(message.headline)
        self.parts(message.parts)

    def parts(self, parts) -> None:
        for part in parts:
            match part:
                case ui.Line(spans):
                    self.line("".join(span if isinstance(span, str) else _word(span) for span in spans))
                case ui.Facts(pairs):
                    for name, value in pairs:
                        self.line(name), self.line(value)
                case ui.Buttons(row):
                    for button in row:
                        self.line(button.label)
                case ui.Quote():
                    pass  # somebody's own words
                case _:
                    raise NotImplementedError(part)

    def form(self) -> None:
        form: Form | None = self.member.form
        if form is None:
            return
        self.line(form.title), self.line(form.submit), self.parts(form.intro)
        for field in form.fields:
            self.line(field.label), self.line(field.hint or "")
            if isinstance(field, ChoiceField | ChoicesField):
                self.options(field.options)
            if isinstance(field, LookupField) and field.initial:
                self.line(field.initial.label)
        for error in self.member.errors.values():
            self.line(error)

    def options(self, options) -> None:
        for option in options:
            self.line(option.label)
            if isinstance(option, Group):
                self.options(option.options)

    def line(self, text: str) -> None:
        self.read += 1
        if not self.is_marked:
            assert "⟦" not in text, f"{self.member.name} is spoken to in the actor's language: {text}"
            return
        rest = text + "⟧" * (text.count("⟦") - text.count("⟧")) if "…" in text else text
        while (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = inner
        for written in WRITTEN:
            rest = re.sub(re.escape(written), "", rest, flags=re.IGNORECASE)
        rest = re.sub(r"\b([WRDNM]|L-)\d+\b", "", rest)  # codes and keys of leads
        assert not re.search(r"[^\W\d_]", rest), f"{self.member.name} reads what is not marked: {text}"


def _word(span) -> str:
    return {"bold": lambda: span.text, "mention": lambda: "", "when": lambda: "", "code": lambda: ""}[span.kind]()


@pytest.fixture
async def leads(world):
    return await world.channel("leads")


@pytest.fixture
async def marketing(world):
    return await world.channel("marketing")


@pytest.fixture(params=["Ana", "Mo"])
async def readers(request, world, leads, marketing):
    """A seller and a marketer; one of them speaks another language than the other and the channels."""
    readers = []
    for name, side in (("Ana", "sales"), ("Mo", "marketing")):
        is_marked = name == request.param
        member = await world.member(name, side, language=MARKED if is_marked else None)
        readers.append(Reader(member, is_marked))
    yield readers
    for reader, channel in ((readers[0], leads), (readers[1], marketing)):
        assert reader.read > 20, "the story shows too little to tell"
        public = Reader(TestMember(world, reader.member.person, "W1"), is_marked=False)
        for posted in channel.messages.values():
            public.message(posted.message)
            while posted.unread_replies:
                public.message(posted.unread_replies.popleft().message)


def button(reader: Reader, label: str) -> str:
    """The label of a private button, as this reader sees it."""
    return f"⟦{label}⟧" if reader.is_marked else label


async def a_card(mo: Reader, leads):
    await mo.does(mo.member.types("/lead add"))
    asked = {"source": "webinar", "campaign": "Spring fair", "summary": "the big one"}
    await mo.does(mo.member.fills(company="Acme Ltd", owner="U_ana", **asked))
    return leads.reads()


@on_sqlite
async def test_a_lead_on_its_way(readers, leads, marketing):
    ana, mo = readers
    card = await a_card(mo, leads)
    for label in ("Accept", "I tried to reach them", "We are in contact"):
        await ana.does(ana.member.presses(label, on=card))
    done = await ana.does(ana.member.presses("Qualified", on=card))
    await ana.does(ana.member.presses(button(ana, "Undo"), on=done))
    await ana.does(ana.member.presses("Qualified", on=card))
    await ana.does(ana.member.presses("Disqualify...", on=card))
    await ana.does(ana.member.fills(code="D5", note="the big one"))
    for line in ("/lead", "/lead L-1", "/lead nonsense", "/lead acme", "/lead add ,x", "/lead add nonsense"):
        await ana.does(ana.member.types(line))
    for member in (ana, mo):
        member.line(await member.member.opens_home())
    leads.reads(), marketing.reads()


async def test_what_sales_says_and_marketing_answers(readers, leads, marketing):
    ana, mo = readers
    card = await a_card(mo, leads)
    await ana.does(ana.member.types("/leadfeedback"))
    for option in await ana.member.searches("about", ""):
        ana.line(option.label)
    await ana.does(ana.member.fills(about="lead:1", code="R0", note="nonsense"))
    await ana.does(ana.member.fills(code="N1"))
    await ana.does(ana.member.fills(code="R8", note="only three employees"))
    await ana.does(ana.member.types("/leadfeedback L-1 D1"))
    await ana.does(ana.member.types("/leadfeedback L-1 Z9"))
    await ana.does(ana.member.types("/leadfeedback nonsense"))
    await ana.does(ana.member.types("/leadfeedback codes"))
    await ana.does(ana.member.types("/lead"))

    case = marketing.reads()
    await mo.does(mo.member.presses("Acknowledge", on=case))
    await mo.does(mo.member.presses("Decide...", on=case))
    for answer in ("no_change", "need_more", "change"):
        await mo.does(mo.member.chooses(answer=answer))
    await mo.does(mo.member.fills(text="We look at the size first"))
    await mo.does(mo.member.fills(text="We look at the size first", due_on="2026-12-18"))
    receipt = ana.dm()
    await ana.does(ana.member.presses(button(ana, "That helps"), on=receipt))
    ana.message(receipt.message)
    await ana.does(ana.member.types("/lead"))
    assert card.unread_replies


@on_sqlite
async def test_reactions_and_questions_back(readers, leads, marketing):
    ana, mo = readers
    card = await a_card(mo, leads)
    await ana.member.reacts("+1", on=card)
    praised = ana.dm()
    await ana.does(ana.member.presses(button(ana, "clear pain"), on=praised))
    await ana.member.unreacts("+1", on=card)
    ana.message(praised.message)
    for name in ("-1", "recycle", "no_entry_sign"):
        await ana.member.reacts(name, on=card)
        asked = ana.dm()
        await ana.does(ana.member.presses(button(ana, "In your words..."), on=asked))
        await ana.member.unreacts(name, on=card)
        ana.message(asked.message)
    marketing.unread.clear()  # other stories read these cards

    await ana.does(ana.member.presses("Need info", on=card))
    await ana.does(ana.member.fills(text="?"))
    await ana.does(ana.member.fills(text="Which pump?"))
    question = marketing.reads()
    await ana.does(ana.member.presses("Answer...", on=question))
    await mo.does(mo.member.presses("Answer...", on=question))
    await mo.does(mo.member.fills(text="the big one"))
    ana.dm()


@on_sqlite
async def test_help_settings_and_refusals(readers):
    ana, mo = readers
    for line in ("/parley", "/parley help", "/lead help", "/parley nonsense", "/parley leed", "/parley me"):
        for reader in (ana, mo):
            await reader.does(reader.member.types(line))
    for reader in (ana, mo):
        await reader.does(reader.member.fills(role="SDR"))
        await reader.does(reader.member.types("/parley setup"))
    for reader in (ana, mo):
        reader.line(await reader.member.opens_home())


# The language itself


def test_babel_finds_sentences_however_they_are_marked():
    found = sentences()
    assert "Accept" in found, "N_, where it is data"
    assert "Add a lead" in found, "_, where it is spoken"
    assert ("Please write something here.", "Please write at least {n} characters.") in found, "ngettext"
    assert len(wire_names()) < len(found)


def test_a_translation_keeps_the_places_of_its_sentence(marked):
    with speaking(MARKED):
        assert translated("Add a lead") == "⟦Add a lead⟧"
        assert ngettext("Said once.", "Said {n} times.", 2) == "⟦Said {n} times.⟧"
    assert translated("Add a lead") == "Add a lead"
    assert languages() == ("en", MARKED)


def test_the_first_wanted_language_that_parley_speaks_is_chosen(marked):
    assert choose(None, None) == "en"
    assert choose(MARKED) == MARKED
    assert choose("xx", f"{MARKED}-001", "en") == MARKED
    assert choose("xx-YY", "en-GB", MARKED) == "en"
    assert choose("", "../../etc") == "en"


def test_what_people_wrote_cannot_turn_the_sentence_around_it():
    assert isolate("Acme") == "Acme"
    assert isolate("شركة") == "\u2068شركة\u2069", "it runs the other way"
    with speaking("ar"):
        assert isolate("Acme") == "\u2068Acme\u2069", "the sentence runs the other way"
