"""What people can do with the pulse. Names here are wire format: add, never rename."""

from datetime import time
from typing import Literal

from pydantic import Field

from bot.core.action import Action
from storage.pulse import FEWEST, FEWEST_FOR_COMMENTS

WORDS = 500  # characters of a comment
WORDING = 150  # characters of a statement
Weekday = Literal["1", "2", "3", "4", "5", "6", "7"]  # ISO: 1 is Monday
Given = Literal["1", "2", "3", "4", "5"] | None


class Vote(Action, name="pulse.vote"):
    """Answer a question; `side` is the one for which the card is worded."""

    wave: int
    question: int
    value: int = Field(ge=1, le=5)
    side: Literal["sales", "marketing"]


class OpenAnswers(Action, name="pulse.open_answers"):
    wave: int


class Answers(Action, name="pulse.answer"):
    """Answers to questions by their position. What is left out stays as it is; empty words are taken back."""

    wave: int
    a1: Given = None
    a2: Given = None
    a3: Given = None
    a4: Given = None
    a5: Given = None
    a6: Given = None
    a7: Given = None
    words: str = Field(default="", max_length=WORDS)

    @property
    def given(self) -> dict[int, int]:
        """The answers by position."""
        answers = enumerate((self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7), 1)
        return {position: int(value) for position, value in answers if value}


class OpenComment(Action, name="pulse.open_comment"):
    wave: int


class Comment(Action, name="pulse.comment"):
    wave: int
    words: str = Field(default="", max_length=WORDS)


class ShowPrivacy(Action, name="pulse.privacy"):
    pass


class ShowComments(Action, name="pulse.comments"):
    """All comments of a result, by pages."""

    pulse: int  # its number
    page: int = Field(default=1, ge=1)


class CloseNow(Action, name="pulse.close_now"):
    wave: int


class OpenSettings(Action, name="pulse.open_settings"):
    pass


class ChangeSettings(Action, name="pulse.settings"):
    """`opens_on` left out: no wave opens by itself."""

    opens_on: Weekday | None = None
    opens_at: time
    closes_on: Weekday
    closes_at: time
    threshold: int = Field(ge=FEWEST, le=1000)
    comment_threshold: int = Field(ge=FEWEST_FOR_COMMENTS, le=1000)


class OpenStatements(Action, name="pulse.open_statements"):
    pass


class ChooseStatement(Action, name="pulse.choose_statement"):
    code: str


class ChangeStatement(Action, name="pulse.statement"):
    """Empty words: as shipped."""

    code: str
    sales: str = Field(default="", max_length=WORDING)
    marketing: str = Field(default="", max_length=WORDING)
    asked: Literal["yes", "no"] = "yes"


class OpenSentence(Action, name="pulse.open_sentence"):
    """Opens the form in which a head says what they will do about a result."""

    wave: int


class SaySentence(Action, name="pulse.say_sentence"):
    wave: int
    text: str = Field(min_length=5, max_length=300)
