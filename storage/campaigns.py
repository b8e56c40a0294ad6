"""Campaigns: where leads come from, and who in marketing answers for each."""

from collections.abc import Iterable, Sequence

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, select, update

from storage.channels import Channel, Purpose, channel_for
from storage.people import Member, member
from storage.statements import Query
from storage.tables import Row, add_if_absent, find_one


class Campaign(Row, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "name_folded"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    name: str  # as it was first written
    name_folded: str  # by `folded`: what makes two names the same
    owner_id: int | None = Field(default=None, foreign_key="member.id")  # the campaign owner in marketing


_BY_NAME = Query(
    select(Campaign).where(
        Campaign.workspace_id == bindparam("workspace_id"), Campaign.name_folded == bindparam("name_folded")
    )
)


def folded(name: str) -> str:
    """The name without what tells no two campaigns apart: case, and space around and between its words."""
    return " ".join(name.split()).casefold()


def campaign(session: Session, workspace_id: int, campaign_id: int) -> Campaign:
    """The campaign of this id; raises NoResultFound for another workspace's."""
    return find_one(session, Campaign, workspace_id, campaign_id)


def find_or_add_campaign(session: Session, workspace_id: int, name: str) -> Campaign:
    """The campaign of this name, whatever its case; made, without an owner, if it is new. The name is not blank."""
    name = " ".join(name.split())
    if not name:
        raise ValueError("a campaign needs a name")
    values = {"workspace_id": workspace_id, "name_folded": folded(name)}
    if found := _BY_NAME.first(session, **values):
        return found
    add_if_absent(session, Campaign(workspace_id=workspace_id, name=name, name_folded=folded(name)))
    return _BY_NAME.one(session, **values)


def find_or_add_campaigns(session: Session, workspace_id: int, names: Iterable[str]) -> dict[str, Campaign]:
    """As find_or_add_campaign, for many at once, by their folded names; blank ones are left out."""
    wanted = {folded(name): " ".join(name.split()) for name in names if name.strip()}
    query = select(Campaign).where(Campaign.workspace_id == workspace_id, col(Campaign.name_folded).in_(wanted))
    found = {campaign.name_folded: campaign for campaign in session.exec(query)}
    if missing := wanted.keys() - found.keys():
        for key in sorted(missing):
            add_if_absent(session, Campaign(workspace_id=workspace_id, name=wanted[key], name_folded=key))
        found = {campaign.name_folded: campaign for campaign in session.exec(query)}
    return found


def find_campaigns(session: Session, workspace_id: int, text: str, limit: int) -> Sequence[Campaign]:
    """Campaigns whose name contains the text, whatever its case, in the order of their names."""
    query = select(Campaign).where(Campaign.workspace_id == workspace_id)
    if wanted := folded(text):
        query = query.where(col(Campaign.name_folded).contains(wanted, autoescape=True))
    return session.exec(query.order_by(col(Campaign.name_folded)).limit(limit)).all()


def campaigns_without_owner(session: Session, workspace_id: int) -> int:
    """How many campaigns nobody answers for."""
    of_nobody = (Campaign.workspace_id == workspace_id, col(Campaign.owner_id).is_(None))
    return session.exec(select(func.count()).select_from(Campaign).where(*of_nobody)).one()


def campaign_owner(session: Session, workspace_id: int, campaign_id: int | None) -> Member | None:
    """Who in marketing owns a campaign; nobody where it is of none."""
    owner_id = campaign(session, workspace_id, campaign_id).owner_id if campaign_id else None
    return member(session, workspace_id, owner_id) if owner_id else None


def who_answers(session: Session, workspace_id: int, campaign_id: int | None) -> Member | Channel | None:
    """Who in marketing answers for a campaign: its owner, else the marketing channel, else nobody yet."""
    owner = campaign_owner(session, workspace_id, campaign_id)
    return owner if owner and owner.belongs else channel_for(session, workspace_id, Purpose.MARKETING)


def give_up_campaigns(session: Session, workspace_id: int, member_id: int) -> None:
    """The member's campaigns have no owner any more."""
    theirs = (col(Campaign.workspace_id) == workspace_id, col(Campaign.owner_id) == member_id)
    session.connection().execute(update(Campaign).where(*theirs).values(owner_id=None))
