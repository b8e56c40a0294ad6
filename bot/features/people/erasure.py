"""Erasing a person: who they are goes, and what refers to them goes on referring to somebody."""

from bot.core.context import Context, language_of
from bot.core.erasing import words_of_person
from bot.core.language import _
from storage.calendars import forget_absences
from storage.campaigns import give_up_campaigns
from storage.channels import forget_memberships
from storage.outbox import Kind, OutboxRow
from storage.people import Member, erase_member, stood_in_for
from storage.tables import add


def forget(ctx: Context, member: Member) -> list[str]:
    """Take away who a member is. Returns the words that tell of them in texts."""
    words = words_of_person(member.name, member.email, member.external_id)
    if member.home_opened_at:
        _empty_home(ctx, member)
    for other in stood_in_for(ctx.session, ctx.workspace.id, member.id):
        ctx.refresh_home(other)
    give_up_campaigns(ctx.session, ctx.workspace.id, member.id)
    forget_absences(ctx.session, ctx.workspace.id, member.id)
    forget_memberships(ctx.session, ctx.workspace.id, member.id)
    erase_member(ctx.session, ctx.workspace.id, member, _("someone who left"))
    return words


def _empty_home(ctx: Context, member: Member) -> None:
    """The platform goes on showing the last one; it is asked by the name that will be forgotten."""
    row = OutboxRow(
        workspace_id=ctx.workspace.id,
        kind=Kind.HOME,
        member_id=member.id,
        lane=f"home:{member.id}",
        language=language_of(member, ctx.workspace),
        external_channel=member.external_id,
        created_at=ctx.now,
    )
    add(ctx.session, row)
    ctx.has_posted = True
