"""Who answers for marketing. Pure."""

from storage.people import Member, Side


def answers(member: Member, owner: Member | None) -> bool:
    """Whether a member may answer what sales says or asks of a campaign, or of none: marketing, the campaign's owner
    and their stand-in, an admin.
    """
    is_owners = owner is not None and member.id in (owner.id, owner.stand_in_id)
    return member.administers or member.side == Side.MARKETING or is_owners
