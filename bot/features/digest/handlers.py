"""What digests answer to: their hour, `/digest`, the buttons and reactions on them, and what changes their items."""

from collections.abc import Sequence
from datetime import timedelta
from difflib import get_close_matches

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import ClocksChanged, HoursChanged, LeadErased
from bot.core.feature import Feature, Reacted, Usage
from bot.core.language import N_
from bot.core.schedule import Occasion
from bot.core.ui import Message, Part
from bot.features.digest import building, erasure, reading, service, settings
from bot.features.digest.actions import Act, ChangeSettings, OpenSettings, Preview, ShowMore, TakeBack, Vote
from bot.features.digest.facts import Built, Skipped
from bot.features.digest.service import CARD, ITEM
from bot.features.digest.views import days, items
from bot.features.digest.views import settings as views
from storage.channels import find_channel
from storage.digest import (
    Deed,
    DigestAct,
    Outcome,
    Told,
    count_votes,
    find_digest,
    find_item,
    items_about,
    last_digest,
    take_vote_back,
    vote,
)
from storage.workspaces import Workspace

feature = Feature("digest")
feature.erases(DigestAct)(erasure.from_act)
feature.erases(Told)(erasure.from_told)
feature.counts(CARD, N_("Daily digests"))
feature.counts(ITEM, N_("Open items of digests"))

DEEDS = {
    "raising_hand": Deed.TAKE,
    "white_check_mark": Deed.DONE,
    "eyes": Deed.LOOK,
    "zzz": Deed.NOT_TODAY,
}
WORDS, NEAR = ("now", "settings", "help"), 0.6  # what `/digest` may be followed by; how much of it is to be right
FOLLOWED = timedelta(days=4)  # for which an item's message shows how it goes on, at least until the next digest


@feature.schedule(settings.KIND, look=building.look)
def tell(ctx: Context, occasion: Occasion) -> None:
    match occasion.found:
        case Built() as built:
            service.note_skipped(ctx, occasion.schedule.subject_id, built.facts.skipped)
            service.tell(ctx, occasion, built)
        case Skipped(dates):
            service.note_skipped(ctx, occasion.schedule.subject_id, dates)


@feature.command("digest", Usage("", N_("which channels have a daily digest, and when")), bare=True, query=True)
def overview(ctx: Context, text: str) -> Answer:
    here = find_channel(ctx.session, ctx.workspace.id, ctx.place) if ctx.place else None
    last = last_digest(ctx.session, ctx.workspace.id, here.id, (Outcome.TOLD,)) if here else None
    votes = count_votes(ctx.session, ctx.workspace.id, last.id) if last else {}
    useful = votes.get(True, 0), votes.get(False, 0)
    return Reply(views.overview(settings.wishes(ctx), useful, is_admin=ctx.member.administers))


@feature.command("digest", query=True)
def unknown(ctx: Context, text: str) -> Answer:
    near = get_close_matches(text.split()[0].lower(), WORDS, n=1, cutoff=NEAR)
    return Reply(views.unknown(text, near[0] if near else None))


@feature.command("digest now", Usage("now", N_("what the digest would say now; only you see it")), query=True)
def preview_now(ctx: Context, text: str) -> Answer:
    return preview(ctx, Preview())


@feature.action(Preview, query=True)
def preview(ctx: Context, asked: Preview) -> Answer:
    wish = settings.channel_meant(ctx, asked.channel)
    found = building.preview(ctx, wish.channel, wish.plan, wish.schedule)
    return Reply(days.preview(reading.built(ctx.session, ctx.workspace, found)))


@feature.command("digest settings", Usage("settings", N_("time, days, channels and sections (admins)")), query=True)
def change(ctx: Context, text: str) -> Answer:
    return open_settings(ctx, OpenSettings())


@feature.action(OpenSettings, query=True)
def open_settings(ctx: Context, asked: OpenSettings) -> Answer:
    settings.check_admin(ctx)
    meant, possible = settings.channel_meant(ctx, asked.channel), settings.wishes(ctx)
    is_here = ctx.place == meant.channel.external_id
    alike = [wish for wish in possible if wish.schedule and wish.choice == meant.choice]
    chosen = [meant] if is_here or not meant.schedule else alike
    return OpenForm(views.form(meant, chosen, possible, ctx.workspace.timezone))


@feature.action(ChangeSettings)
def change_settings(ctx: Context, asked: ChangeSettings) -> Answer:
    return Reply(views.saved(settings.change(ctx, asked)))


@feature.on(HoursChanged)
def follow_timezone(ctx: Context, changed: HoursChanged) -> None:
    if changed.member_id is None:
        settings.follow_timezone(ctx)


@feature.home(12)
def home(ctx: Context) -> Sequence[Part]:
    if not ctx.member.administers:
        return []
    wishes = settings.wishes(ctx)
    return [] if not wishes or any(wish.schedule for wish in wishes) else views.nobody_yet()


# The digest itself


@feature.card(CARD)
def card(session: Session, workspace: Workspace, digest_id: int) -> Message | None:
    digest = find_digest(session, workspace.id, digest_id)
    shown = reading.stored(session, workspace, digest) if digest else None
    return days.message(shown) if shown else None


@feature.action(ShowMore, query=True)
def show_more(ctx: Context, asked: ShowMore) -> Answer:
    shown = reading.stored(ctx.session, ctx.workspace, service.known_digest(ctx, asked.digest))
    return Reply(days.page(shown, asked.page)) if shown else None


@feature.action(Vote)
def vote_by_button(ctx: Context, asked: Vote) -> Answer:
    digest = service.known_digest(ctx, asked.digest)
    vote(ctx.session, ctx.workspace.id, digest.id, ctx.member.id, asked.useful)
    return Reply(days.thanks())


@feature.reaction(CARD, "+1", "-1")
def vote_by_reaction(ctx: Context, reacted: Reacted) -> None:
    digest = service.known_digest(ctx, reacted.subject_id)
    change_vote = vote if reacted.is_there else take_vote_back
    change_vote(ctx.session, ctx.workspace.id, digest.id, ctx.member.id, reacted.name == "+1")


# Its open items


@feature.card(ITEM)
def item_card(session: Session, workspace: Workspace, item_id: int) -> Message | None:
    item = find_item(session, workspace.id, item_id)
    return items.card(reading.item_of(session, workspace, item)) if item else None


@feature.action(Act)
def act(ctx: Context, asked: Act) -> Answer:
    item = service.act(ctx, asked.item, asked.kind)
    return Reply(items.confirmed(reading.item_of(ctx.session, ctx.workspace, item), asked.kind))


@feature.action(TakeBack)
def take_back(ctx: Context, asked: TakeBack) -> Answer:
    item = service.take_back(ctx, asked.item, asked.kind)
    shown = reading.item_of(ctx.session, ctx.workspace, item)
    return ctx.replace(lambda: items.taken_back(shown))


@feature.reaction(ITEM, *DEEDS)
def react(ctx: Context, reacted: Reacted) -> None:
    do = service.act if reacted.is_there else service.take_back
    do(ctx, reacted.subject_id, DEEDS[reacted.name])


@feature.on(ClocksChanged)
def follow_item(ctx: Context, changed: ClocksChanged) -> None:
    since = ctx.now - FOLLOWED
    for item_id in items_about(ctx.session, ctx.workspace.id, changed.subject, changed.subject_id, since):
        ctx.refresh(ITEM, item_id)


@feature.on(LeadErased)
def forget_lead(ctx: Context, erased: LeadErased) -> None:
    for item_id in items_about(ctx.session, ctx.workspace.id, "lead", erased.lead_id, ctx.workspace.installed_at):
        service.show_item(ctx, service.known_item(ctx, item_id))
