"""The playground's page: a browser client for a local workspace, served by the double itself."""

from collections.abc import Collection

from bot.playground.double import Double
from bot.playground.page.guide import Guide, Offer, Step, Travel
from bot.playground.page.server import LOOPBACK, Page
from bot.playground.workspace import Workspace

__all__ = ["LOOPBACK", "Guide", "Offer", "Page", "Step", "Travel", "mount"]


def mount(
    slack: Double,
    workspace: Workspace,
    *,
    guide: Guide | None = None,
    travel: Travel | None = None,
    names: Collection[str] = LOOPBACK,
) -> Page:
    """Serve the page of a workspace at the double's own address; to be called before the double starts.

    What stands in the workspace's channels by then counts as read; what is prepared later does after `Page.all_read`.
    """
    page = Page(slack, workspace, guide=guide, travel=travel, names=names)
    slack.additions.append(page.add_to)
    return page
