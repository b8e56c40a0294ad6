"""Who may change settings: the workspace's own admins, and whoever is made one. The first to set up becomes one."""

from bot.core.context import Context, Unacquainted, UserError
from bot.core.language import _, fill, listed
from bot.core.limits import clip
from storage.people import Member, admins
from storage.workspaces import Workspace

NAMED = 5  # admins a refusal names


def check_admin(ctx: Context) -> None:
    """Refuse everybody who is no admin, naming whom to ask."""
    if ctx.member.administers:
        return
    known = admins(ctx.session, ctx.workspace.id)
    if not known:
        raise UserError(_("Parley has no admin here yet: whoever types /parley setup first becomes one."))
    names = listed([clip(admin.name, 40) for admin in known[:NAMED]])
    if len(known) == 1:
        raise UserError(fill(_("Only an admin of Parley can do this. Please ask {name}."), name=names))
    raise UserError(fill(_("Only an admin of Parley can do this. Please ask one of them: {names}."), names=names))


def claim_admin(ctx: Context) -> bool:
    """As check_admin, but where nobody is an admin yet, the member becomes one; say whether that happened."""
    if not ctx.member.administers:
        ctx.session.get_one(Workspace, ctx.workspace.id, with_for_update=True)  # only one can be the first
        if not admins(ctx.session, ctx.workspace.id):
            if ctx.workspace.admins_asked_at is None:
                raise Unacquainted(admins=True)  # the workspace's own admins come before whoever is first
            ctx.member.is_admin = True
            return True
    check_admin(ctx)
    return False


def set_admin(ctx: Context, member: Member, is_admin: bool, field: str | None = None) -> None:
    """Make somebody an admin, or no longer; somebody must stay one."""
    if member.is_admin and not is_admin and not member.is_platform_admin:
        ctx.session.flush()  # an import writes at its end
        others = [admin for admin in admins(ctx.session, ctx.workspace.id) if admin.id != member.id]
        if not others:
            text = _("{name} is the only admin. Please make somebody else one first.")
            raise UserError(fill(text, name=clip(member.name, 40)), field)
    member.is_admin = is_admin
