"""What a space is made of: who belongs to it, what is said in it, its files and its dates."""

from koinon.spaces.models.codes import new_code
from koinon.spaces.models.members import Invitation, Member
from koinon.spaces.models.spaces import Space, held, takes_part
from koinon.spaces.models.talk import Post, Thread
from koinon.spaces.models.things import Date, File

__all__ = [
    "Date",
    "File",
    "Invitation",
    "Member",
    "Post",
    "Space",
    "Thread",
    "held",
    "new_code",
    "takes_part",
]
