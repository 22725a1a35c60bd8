"""How to make a raw message for tests, as a mail server hands it over."""

MAIL_IN = "reply@koinon.example"
HERE = "reply+abcdefgh12@koinon.example"


def make_raw(
    text: str | bytes = "Hello",
    *,
    to: str = HERE,
    sender: str = "Ana <Ana@Example.eu>",
    message_id: str = "<1@example.eu>",
    head: str = "",
) -> bytes:
    """A message with a body; `head` adds lines to its header: `"Precedence: bulk\\n"`."""
    lines = f"From: {sender}\nTo: {to}\nSubject: Re: your question\nMessage-ID: {message_id}\n{head}\n"
    return lines.encode() + (text if isinstance(text, bytes) else text.encode())
