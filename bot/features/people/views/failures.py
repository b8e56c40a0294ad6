"""What admins are told of what could not be delivered or does not recur, and how to mend it."""

from bot.core.language import _, fill
from bot.core.limits import clip
from bot.core.ui import Line, Message
from bot.features.people.service import Failure
from bot.features.people.views.words import channel_name

_REINSTALL = {"token_revoked", "token_expired", "invalid_auth", "not_authed", "account_inactive", "org_login_required"}
_RIGHTS = {"missing_scope", "no_permission", "access_denied", "not_allowed_token_type", "ekm_access_denied"}
_RESTRICTED = {"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel"}
_PRIVATE = {"cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible", "messages_tab_disabled"}


def undeliverable(failure: Failure) -> Message:
    """One message for admins: what did not arrive, why, and what to do."""
    if failure.channel:
        headline = fill(_("I could not post in {name}"), name=channel_name(failure.channel))
    else:
        headline = _("I could not write to somebody in private")
    told = Line(_("I say this at most once a day for each cause; the log has every message that was lost."))
    return Message(headline, Line(_remedy(failure.reason)), told)


def does_not_recur(kind: str) -> Message:
    headline = fill(_("I do not know any more when this is to come: {kind}"), kind=clip(kind, 40))
    mending = Line(_("Its hour, days or time zone cannot be read. Please choose them anew in its settings."))
    return Message(headline, mending, Line(_("Until then I try now and then; whatever else recurs goes on.")))


def _remedy(reason: str) -> str:
    match reason:
        case "not_in_channel":
            return _("I am no longer in this channel. To bring me back, type there: /invite @Parley")
        case "is_archived":
            return _(
                "The channel is archived. Choose another channel for its purpose with /parley setup, or restore it."
            )
        case "channel_not_found":
            return _(
                "The channel is gone, or is private and I was removed. If it is there, type in it: /invite @Parley"
            )
        case "unreachable":
            return _("The platform did not answer for a whole day. Please check with: python -m bot check")
        case _ if reason in _RESTRICTED:
            return _(
                "Only some people may post there. Please have Parley added to them in the settings of the channel."
            )
        case _ if reason in _RIGHTS:
            return _("Parley lacks a permission. “python -m bot check” says which; then install the app again.")
        case _ if reason in _REINSTALL:
            return _("The installation is no longer valid. Please install the app again.")
        case _ if reason in _PRIVATE:
            return _(
                "They cannot receive messages from me. If they work here, please check the Messages tab of the app."
            )
        case _:
            return fill(_("The platform refused it: {reason}. The log says more."), reason=clip(reason, 80))
