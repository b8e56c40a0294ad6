"""Who answers for marketing. Pure."""

from storage.people import Member, Side


def answers(member: Member, campaign_owner_id: int | None) -> bool:
    """Whether a member may answer what sales says or asks: marketing, the campaign's owner, an admin."""
    return member.administers or member.side == Side.MARKETING or member.id == campaign_owner_id
