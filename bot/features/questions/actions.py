"""What members can do with questions about leads. Names here are wire format: add, never rename."""

from pydantic import Field

from bot.core.action import Action


class OpenQuestion(Action, name="questions.open"):
    """Opens the form that asks marketing."""

    lead: int
    cycle: int


class Ask(Action, name="questions.ask"):
    lead: int
    cycle: int
    text: str = Field(min_length=3, max_length=500)


class OpenDetail(Action, name="questions.open_detail"):
    """Opens the form in which the asker of a reaction says what is missing."""

    question: int


class Detail(Action, name="questions.detail"):
    question: int
    text: str = Field(min_length=3, max_length=500)


class OpenAnswer(Action, name="questions.open_answer"):
    """Opens the form in which marketing answers."""

    question: int


class AnswerQuestion(Action, name="questions.answer"):
    question: int
    text: str = Field(min_length=2, max_length=1000)
