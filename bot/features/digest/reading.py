"""What a digest and its items show, read as it stands now: what was withdrawn or erased since is not repeated."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlmodel import Session

from bot.core.language import _
from bot.core.limits import clip
from bot.core.ui import Line
from bot.features.digest.building import state_of
from bot.features.digest.facts import FIGURES, GONE, Became, Built, from_json
from bot.features.digest.open_items import QUESTION
from bot.features.digest.views.days import Answer, Shown, Word, Words
from bot.features.digest.views.items import Item, became
from bot.rules.codes import Code, vocabulary
from bot.rules.fate import answer, what
from bot.rules.lead_states import GONE as GONE_STATES
from storage.campaigns import campaign
from storage.cases import count_in, decision_of, find_case, first_feedback_in
from storage.channels import channel
from storage.digest import Digest, DigestItem, Outcome, Thing, Told, acts_on, find_item, items_of, told_in
from storage.feedback import find_feedback, own_codes
from storage.leads import find_lead
from storage.people import members
from storage.questions import newest_question
from storage.workspaces import Workspace

_DAY = timedelta(days=1)


def stored(session: Session, workspace: Workspace, digest: Digest) -> Shown | None:
    """A digest that was told."""
    if digest.outcome != Outcome.TOLD:
        return None
    place, facts = channel(session, workspace.id, digest.channel_id), from_json(digest.facts)
    items = items_of(session, workspace.id, digest.id)
    told = told_in(session, workspace.id, digest.id)
    sections = digest.sections.split(",")
    if place.is_shared:  # it may not have been when it was told
        sections, told, items = [name for name in sections if name in FIGURES], (), ()
    return Shown(
        digest_id=digest.id,
        first_on=digest.first_on,
        last_on=digest.local_on - _DAY,
        sections=sections,
        figures=facts,
        words=_words(session, workspace, told),
        late_minutes=digest.late_minutes,
        became=_became(session, workspace, facts.became) if "items" in sections else (),
        items=len(items),
        is_empty=facts.is_empty and not told and not items,
    )


def built(session: Session, workspace: Workspace, digest: Built) -> Shown:
    """A digest that is only looked at: it tells of the day that has begun, too."""
    return Shown(
        digest_id=None,
        first_on=digest.first_on,
        last_on=digest.local_on,
        sections=digest.sections,
        figures=digest.facts,
        words=_words(session, workspace, digest.told),
        became=_became(session, workspace, digest.facts.became),
        is_empty=digest.is_empty,
        preview=[
            _item(session, workspace, found, None, vocabulary(own_codes(session, workspace.id)))
            for found in digest.items
        ],
    )


def item_of(session: Session, workspace: Workspace, item: DigestItem) -> Item:
    return _item(session, workspace, item.thing, item.id, vocabulary(own_codes(session, workspace.id)))


def _words(session: Session, workspace: Workspace, told: Sequence[Told]) -> Words:
    codes = vocabulary(own_codes(session, workspace.id))
    words: dict[str, list[Word]] = {"codes": [], "praise": []}
    answers = []
    for each in told:
        if each.decision_id:
            decision = decision_of(session, workspace.id, each.decision_id)
            answers.append(Answer(_case(session, workspace, decision.case_id, codes), each.count, answer(decision)))
        elif each.code:
            said = find_feedback(session, workspace.id, each.feedback_id) if each.feedback_id else None
            if said and said.withdrawn_at is None and said.code == each.code:
                words[each.section].append(Word(what(said, codes), each.count, said.note))
            else:
                words[each.section].append(Word(codes[each.code].title, each.count, None))
    return Words(words["codes"], words["praise"], answers)


def _became(session: Session, workspace: Workspace, ends: Iterable[Became]) -> list[Line]:
    codes, lines = vocabulary(own_codes(session, workspace.id)), []
    ends = list(ends)
    people = members(session, workspace.id, {end.member_id for end in ends if end.member_id})
    for end in ends:
        if item := find_item(session, workspace.id, end.item_id):
            name = people[end.member_id].name if end.member_id else None
            shown = _item(session, workspace, item.thing, item.id, codes)
            lines.append(became(shown.title, end.state, end.deed, name))
    return lines


def _item(session: Session, workspace: Workspace, item: Thing, item_id: int | None, codes: dict[str, Code]) -> Item:
    acts = acts_on(session, workspace.id, [item_id]) if item_id else ()
    people = members(session, workspace.id, {act.member_id for act in acts})
    doers: dict[str, list[str]] = {}
    for act in acts:
        doers.setdefault(act.kind, []).append(people[act.member_id].name)
    state = state_of(session, workspace.id, item)
    if item.subject == "case":
        case, title = (
            find_case(session, workspace.id, item.subject_id),
            _case(session, workspace, item.subject_id, codes),
        )
        if case and case.campaign_id:
            title = f"{clip(title, 80)} · {campaign(session, workspace.id, case.campaign_id).name}"
        n = count_in(session, workspace.id, item.subject_id)
        return Item(item_id, title, item.to_do, state, case_id=item.subject_id, n=n, doers=doers)
    lead = find_lead(session, workspace.id, item.subject_id)
    if lead is None or lead.state in GONE_STATES:
        return Item(item_id, lead.key if lead else _("A lead"), item.to_do, GONE, doers=doers)
    question = newest_question(session, workspace.id, lead.id) if item.to_do == QUESTION else None
    return Item(
        item_id,
        f"{lead.key} · {lead.company}",
        item.to_do,
        state,
        lead_id=lead.id,
        question_id=question.id if question else None,
        question=question.text if question else None,
        is_free=lead.owner_id is None,
        is_hot=lead.temperature == "hot",
        doers=doers,
    )


def _case(session: Session, workspace: Workspace, case_id: int, codes: dict[str, Code]) -> str:
    """The code of a case and what it meant when it was said first."""
    case, first = find_case(session, workspace.id, case_id), first_feedback_in(session, workspace.id, case_id)
    if first:
        return what(first, codes)
    return codes[case.code].title if case and case.code else _("a note")
