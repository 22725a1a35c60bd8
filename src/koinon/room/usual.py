"""Questions as they are asked everywhere: what the first questions of a room are measured against.

Likeness is weighed against the neighbours of both texts. Where three questions are all there is, each is the others' nearest
neighbour, and nothing stands out; among these, which nobody asked and nobody is shown, it does (docs/decisions/meaning.md).
"""

from typing import Final

ENOUGH: Final = 8
"""A room with so many other texts is measured against itself."""

USUAL: Final = (
    "Who pays the travel to a meeting in another country?",
    "Wie lange dauert es, bis über einen Antrag entschieden wird?",
    "Où trouver la liste des documents à joindre ?",
    "¿Quién puede participar en el curso de formación?",
    "Serve una firma digitale per il modulo?",
    "Czy szkolenie odbędzie się także w internecie?",
    "Πότε θα δημοσιευτεί η επόμενη πρόσκληση;",
    "Къде мога да намеря партньор от друга страна?",
    "Cât durează până primim banii?",
    "Moeten we het rapport in het Engels schrijven?",
    "Vem godkänner budgeten?",
    "Saako palkkakuluja korvata jälkikäteen?",
    "Kell-e nyilvántartást vezetni a résztvevőkről?",
    "Quem guarda os dados pessoais dos participantes?",
    "Jak se měří výsledky projektu?",
    "Postoji li snimka današnjeg susreta?",
)
