"""The expert directory as a list to look through: who chose to be listed, by words, topics, languages and forms.

All who are listed are read at once: a network has some hundreds of them, and nothing of a person stands in an index.
"""

from collections.abc import Collection

from koinon.base.text import fold
from koinon.base.visitor import Visitor
from koinon.peers.models import Profile
from koinon.peers.models.entries import takes_part
from koinon.practices import concepts


def listed(by: Visitor) -> list[Profile]:
    """Who is listed, as somebody may see it (E1b): nobody for who has no account. The available first."""
    rows = Profile.objects.seen_by(by).listed().select_related("person", "organisation")
    return list(rows.available_first())


def knowing(by: Visitor, topics: Collection[str], *, most: int) -> list[Profile]:
    """Those with one of these topics, most of them first; never who asks. Nobody for who has no account."""
    wanted = set(topics)
    if not wanted or not takes_part(by):
        return []
    rows = [
        (len(wanted.intersection(one.topics)), one) for one in listed(by) if one.person_id != by.person_id
    ]
    return [one for common, one in sorted(rows, key=lambda row: -row[0]) if common][:most]


def has_words(one: Profile, words: Collection[str], spoken: str) -> bool:
    """Whether each of these folded words stands in what somebody says, or in the names of their topics."""
    said = fold(f"{one.name} {one.about} {topic_names(one, spoken)}")
    return all(word in said for word in words)


def topic_names(one: Profile, spoken: str) -> str:
    return ", ".join(concepts.label(key, spoken) for key in one.topics)


def found_for(by: Visitor, q: str, about: Collection[str], spoken: str, *, most: int) -> list[Profile]:
    """Those whom a search means: every word of it is theirs, or one of the concepts it speaks of is their topic.

    Empty for who has no account: that somebody is listed is told to nobody else.
    """
    words = fold(q).split()
    if not words or not takes_part(by):
        return []
    there = listed(by)
    named = [one for one in there if has_words(one, words, spoken)]
    meant = [one for one in there if one not in named and set(about).intersection(one.topics)]
    return [*named, *meant][:most]
