"""What falls due in job swaps, and the subjects of the messages: each is drawn from storage when it is sent."""

# What falls due
HEADS = "gemba.heads"  # heads who have not answered are reminded once; a round's
CLOSE = "gemba.close"  # the sign-up ends; a round's
INVITE = "gemba.invite"  # those who took part before are asked, some at a time; a round's
ASK_TO_SIGN_UP = "gemba.ask_to_sign_up"  # somebody works again and is asked whether they take part; a sign-up's
MATCH = "gemba.match"  # pairs are looked for; a round's
PREVIEW = "gemba.preview"  # the same, for the organiser's eyes only; a round's
PROPOSE = "gemba.propose"  # the people of some pairs are asked; a proposal's
END = "gemba.end"  # a round's
WAKE = "gemba.wake"  # a snooze ends; a member's
ASK = "gemba.ask"  # somebody works again and is asked about a swap, or told that it will not be; a consent's
TELL_LEFT_OUT = "gemba.tell_left_out"  # somebody works again and is told that there is nobody; a sign-up's
SILENCE = "gemba.silence"  # somebody has said nothing for two working days; a consent's
PREPARE = "gemba.prepare"  # a visit's; so are those that follow
REMIND = "gemba.remind"
OBSERVE = "gemba.observe"
AFTER = "gemba.after"
PUBLISH = "gemba.publish"  # the host had a day to correct facts; a reflection's
FOLLOW = "gemba.follow"  # an idea's

# Subjects of messages
ROUND = "gemba.round"  # a round's, in the channels
ORGANISER = "gemba.organiser"  # a round's, to whoever organises it
SIGN_UP = "gemba.sign_up"  # a sign-up's, to whom it is; so is
LEFT_OUT = "gemba.left_out"
PAUSED = "gemba.paused"
SWAP = "gemba.swap"  # a consent's
PREPARATION = "gemba.preparation"  # a visit's; so are
OBSERVATION = "gemba.observation"
AFTERWARDS = "gemba.afterwards"
CHECK = "gemba.check"  # a reflection's, to the host
SLIDES = "gemba.slides"  # a reflection's, in the channels
IDEA = "gemba.idea"  # an idea's, in the channels
ASKED = "gemba.asked"  # a follow-up's, to the idea's owner
