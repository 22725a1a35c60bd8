"""Words of administration that people write round a name: "Comune di", "Landkreis", "megye", "δήμος".

They are taken off where a name is not found with them; some say whether a town or a region is meant.
"""

from koinon.base.text import fold

# Before a name, longest first after folding. A town is meant.
_TOWN_BEFORE = """
city of|town of|village of|municipality of|commune of|the city of|city council of|greater|borough of
stadt|die stadt|landeshauptstadt|hauptstadt|hansestadt|kreisstadt|kreisfreie stadt|universitätsstadt|große kreisstadt|gemeinde|markt
marktgemeinde|stadtgemeinde|ortsgemeinde|verbandsgemeinde|samtgemeinde|stadt- und landkreis|bundeshauptstadt|lutherstadt|statutarstadt
comune di|comune de|comune d|città di|citta di|municipio di|comune|città|ville de|ville d|la ville de|commune de|commune d|mairie de
mairie d|communauté urbaine de|métropole de|ville|commune
ayuntamiento de|ajuntament de|ajuntament d|concello de|concello da|concello do|municipio de|ciudad de|ciutat de|villa de|concejo de|udala
câmara municipal de|câmara municipal do|câmara municipal da|câmara municipal|município de|município do|município da|municipio de|cidade de
cidade do|concelho de|concelho do|vila de|freguesia de
gemeente|stad|de gemeente|de stad|ville de|commune de|administration communale de|kommune|byen
miasto|gmina|gmina miasto|gmina miejska|m st|miasto stołeczne|urząd miasta|urząd gminy|miasto na prawach powiatu|prezydent miasta
město|statutární město|obec|městys|hlavní město|magistrát města|mesto|obec|magistrát mesta|hlavné mesto
primăria|primaria municipiului|primăria orașului|primăria comunei|municipiul|orașul|comuna|orasul|consiliul local
grad|općina|opcina|mestna občina|občina|mesto|glavni grad
град|община|столична община|село|γ|δήμος|δημος|δήμου|πόλη|κοινότητα|δήμος της|δήμος του
comhairle cathrach|comhairle contae|cathair|baile|gmina|il-belt|kunsill lokali|kunsill lokali ta
kommun|staden|köping|kaupunki|linn|vald|pilsēta|miestas|savivaldybė
"""
# Behind a name. A town is meant.
_TOWN_BEHIND = """
city|town|municipality|city council|town council|municipal council|council|stadt|gemeinde|ville|centre|centro|ciudad|città|cidade|stad
kommune|kommun|stad|kaupunki|kunta|linn|vald|linnavalitsus|pilsēta|pilsetas dome|novads|pašvaldība|pilsētas pašvaldība|miestas
miesto savivaldybė|rajono savivaldybė|savivaldybė|város|városa|megyei jogú város|község|nagyközség|polgármesteri hivatal|önkormányzata
belediyesi|grad|općina|občina|mesto|град|община|municipio|comune|gemeente|kommunfullmäktige|m
"""
# Before a name. A region is meant.
_REGION_BEFORE = """
region|region of|the region of|county|county of|co|province of|province|state of|federal state of|district of|department of|free state of
landkreis|kreis|lkr|bezirk|regierungsbezirk|land|bundesland|freistaat|freie und hansestadt|region|politischer bezirk|regionalverband
kreisverwaltung|landratsamt|städteregion
provincia di|provincia del|provincia della|provincia dell|provincia autonoma di|regione|regione autonoma|regione del|regione della|la regione
città metropolitana di|citta metropolitana di|libero consorzio comunale di|prov|prov di|provincia
région|région de|region de|région d|la région|région des|région du|département de|département du|département de la|département des
département d|département|province de|province du|province d|conseil régional de|conseil départemental de|collectivité de|collectivité européenne d
comunidad de|comunidad autónoma de|comunidad foral de|comunidad autonoma|comunitat|comunitat autònoma de|provincia de|región de
principado de|junta de|generalitat de|xunta de|gobierno de|diputación de|diputación provincial de|diputació de|cabildo de|cabildo insular de
diputación foral de|govern de|govern de les
região de|região autónoma da|região autónoma dos|região|distrito de|distrito do|comunidade intermunicipal|comunidade intermunicipal do|cim
comunidade intermunicipal da|comunidade intermunicipal de|área metropolitana do|área metropolitana de|região do
provincie|de provincie|het gewest|gewest|regio|arrondissement|arrondissement de|région wallonne|vlaamse|provincie van
województwo|woj|powiat|urząd marszałkowski|subregion|podregion
kraj|okres|samosprávny kraj|vyšší územný celok|župa|okrug|statistična regija|regija
județul|judetul|jud|regiunea|consiliul județean|regiunea de dezvoltare
област|регион|район|периферия|περιφέρεια|περιφερειακή ενότητα|π ε|νομός|νομού|νησί|περιφέρεια της|περιφέρεια του
contae|co|cúige|maakond|apskritis|apriņķis|län|region|landskap|maakunta|lääni
"""
# Behind a name. A region is meant.
_REGION_BEHIND = """
region|county|province|district|state|voivodeship|oblast|prefecture|county council|regional council|metropolitan area|region (nuts 3)
landkreis|kreis|bezirk|land|lkr|provincia|regione|département|province|región|comunidad|provincie|gewest|regio
województwo|powiat|kraj|okres|megye|vármegye|régió|county|župa|županija|regija|statistična regija|județ|judet
област|регион|район|περιφέρεια|maakond|apskritis|regionas|reģions|statistiskais reģions|plānošanas reģions
län|lan|landsting|landskap|amt|region|maakunta|lääni|laani|seutukunta|landstinget|piirkond|ala|sritis
"""
_NOISE = "nuts|nuts1|nuts2|nuts3|nuts 1|nuts 2|nuts 3|nuts code|code|the|la|le|les|el|il|lo|die|der|das|de|het|den|τα|η|ο|το|οι"


def _phrases(*lists: str) -> frozenset[str]:
    return frozenset(
        folded
        for text in lists
        for line in text.splitlines()
        for phrase in line.split("|")
        if (folded := fold(phrase))
    )


TOWN_BEFORE, TOWN_BEHIND = _phrases(_TOWN_BEFORE), _phrases(_TOWN_BEHIND)
REGION_BEFORE, REGION_BEHIND = _phrases(_REGION_BEFORE), _phrases(_REGION_BEHIND)
NOISE = _phrases(_NOISE)
LONGEST = 5

# How "saint" is written before a name; each may stand for another.
SAINTS = (
    ("st", "saint", "sankt", "sint"),
    ("ste", "sainte"),
    ("s", "san", "santo", "sao", "sv", "sveti", "svaty"),
    ("sta", "santa"),
    ("sv", "sveti", "svety", "svaty"),
    ("ag", "agios", "ayios"),
    ("αγ", "αγιοσ"),
    ("αγ", "αγια"),
)


def without_office(folded: str) -> list[tuple[str, str]]:
    """The name without words of administration, and what is meant by them (`town`, `region` or nothing), longest cut first.

    >>> without_office("comune di matera")
    [('matera', 'town'), ('di matera', 'town')]
    """
    words = folded.split()
    found: list[tuple[str, str]] = []
    for count in range(min(LONGEST, len(words) - 1), 0, -1):
        front, rest = " ".join(words[:count]), " ".join(words[count:])
        behind, start = " ".join(words[-count:]), " ".join(words[:-count])
        if front in TOWN_BEFORE or front in REGION_BEFORE:
            both = front in TOWN_BEFORE and front in REGION_BEFORE
            found.append((rest, "" if both else "town" if front in TOWN_BEFORE else "region"))
        elif front in NOISE:
            found.append((rest, ""))
        if behind in TOWN_BEHIND or behind in REGION_BEHIND:
            both = behind in TOWN_BEHIND and behind in REGION_BEHIND
            found.append((start, "" if both else "town" if behind in TOWN_BEHIND else "region"))
    return found


def saintly(folded: str) -> list[str]:
    """Other ways to write a name that has a saint in it: `st polten` → `saint polten`, `sankt polten`, `sint polten`."""
    words = folded.split()
    others = []
    for at, word in enumerate(words[:-1]):
        for ways in SAINTS:
            if word in ways:
                others += [" ".join([*words[:at], way, *words[at + 1 :]]) for way in ways if way != word]
    return others[:12]
