"""Words that turn a statement round, and words that deny it, by language."""

# ruff: noqa: E501, SIM905 - vocabularies read best in long lines of plain words

from __future__ import annotations

from collections.abc import Mapping


def _scale(*steps: str) -> Mapping[str, int]:
    return {word: step for step, words in enumerate(steps) for word in words.split()}


LIMITING = frozenset(("only", "solely", "exclusively", "nur", "ausschließlich", "seulement",
                      "uniquement", "solo", "solamente", "soltanto"))  # fmt: skip
"""Words that exclude all else."""

QUANTIFIERS: tuple[Mapping[str, int], ...] = (
    _scale(
        "all every each both any always",
        "most mostly usually generally typically often",
        "some several sometimes occasionally",
        "few rarely seldom",
    ),
    _scale(
        "must shall mandatory required compulsory obligatory",
        "should ought recommend recommends recommended advise advises advised advisable",
        "may might could optional voluntary",
    ),
    _scale("full whole entire fully wholly entirely all", "half", "part partial partly partially"),
    _scale("exactly precisely", "about approximately roughly around"),
    _scale("minimum over above exceeding", "maximum under below"),
    _scale("least", "most"),
    _scale(
        "alle jeder jede jedes immer", "meistens meist", "manche einige manchmal", "selten wenige"
    ),
    _scale("muss müssen", "sollte sollten", "darf dürfen kann können"),
    _scale(
        "doit doivent devez obligatoire",
        "devrait devriez",
        "peut peuvent pouvez facultatif",
    ),
    _scale(
        "debe deben debes deberá obligatorio obligatoria", "debería", "puede pueden puedes opcional"
    ),
    _scale("mindestens", "höchstens maximal"),
    _scale("tous toutes toujours", "quelques parfois", "rarement"),
    _scale("todos todas siempre", "algunos algunas", "pocos raramente"),
)
"""Scales; words of one step say the same, words of two steps of one scale don't."""


NEGATORS = frozenset(
    """not no never avoid avoids avoided avoiding refrain refrains lack lacks lacked lacking none nobody nothing neither nor without cannot hardly non nicht kein
    keine keinen keinem keiner keines nie niemals nichts niemand ohne weder pas jamais
    rien aucun aucune sans nunca jamás sin ningún ninguna ninguno nada tampoco mai senza
    nessun nessuno nessuna não sem nenhum nenhuma nem niet geen nooit niets zonder inte
    ingen aldrig utan nie nigdy bez değil yok не нет нельзя никогда без ничего никто لا
    ليس ليست لم لن غير بدون بلا دون ليسوا""".split()
)
"""Words that deny what follows, in languages that separate words."""

YES = frozenset(
    """yes yeah yep yup positive correct true affirmative indeed absolutely definitely certainly right
    ja jawohl richtig wahr oui vrai sí si verdadero sì vero sim verdadeiro tak evet да
    верно نعم أجل صحيح 是 是的 对 对的 正确 可以 能 はい ええ 네 예""".split()
)
NO = frozenset(
    """no nope nah false incorrect wrong negative nein falsch non faux falso não nie hayır
    нет неверно لا كلا خطأ 否 不 不是 不对 错 错误 不可以 不能 不行 いいえ いえ 아니요 아니오""".split()
)

# meaning: words that affirm it | words that deny it; stems as `stem` makes them are matched too
_POLAR = """
permit: allow allowed permit permitted permissible authorize authorized authorise authorised approve approved accept accepted grant granted erlaubt zulässig gestattet genehmigt zugelassen autorisé permis permitido permitida aprobado consentito разрешено можно مسموح يُسمح يسمح مقبول | deny denied prohibit prohibited forbid forbidden ban banned disallow disallowed reject rejected decline declined refuse refused unauthorized unauthorised verboten untersagt abgelehnt unzulässig verweigert interdit refusé prohibido denegado rechazado vietato запрещено ممنوع محظور مرفوض
can: can could pouvez pouvons kannst könnt puedo podemos able possible möglich kann können possible peut peuvent puede pueden posible может можете يمكن يمكنك يستطيع | unable impossible unmöglich imposible impossibile невозможно مستحيل
charge: charge charged charges fee fees kostenpflichtig payant payante | free complimentary gratis kostenlos kostenfrei umsonst gratuit gratuite gratuito
enable: enable enabled activate activated aktiviert activé activado | disable disabled deactivate deactivated deaktiviert désactivé desactivado
valid: valid gültig valide válido | invalid ungültig invalide inválido expired
safe: safe harmless sicher ungefährlich sûr seguro آمن | unsafe dangerous hazardous harmful gefährlich unsicher dangereux peligroso خطير
include: include included including contain contains inbegriffen enthalten inklusive inclus incluido يشمل | exclude excluded excluding exklusive ausgeschlossen exclu excluido
available: available verfügbar erhältlich lieferbar vorrätig disponible disponibile متوفر متاح | unavailable ausverkauft indisponible agotado
legal: legal lawful legitimate rechtmäßig légal | illegal unlawful rechtswidrig illégal ilegal
succeed: succeed succeeded success successful successfully pass passed erfolgreich bestanden réussi | fail failed failure unsuccessful unsuccessfully fehlgeschlagen gescheitert durchgefallen échoué
agree: agree agreed | disagree disagreed
eligible: eligible qualify qualifies qualified berechtigt éligible | ineligible disqualified
mandatory: mandatory required compulsory obligatory necessary erforderlich verpflichtend obligatoire obligatorio | optional voluntary unnecessary freiwillig facultatif opcional
correct: correct accurate richtig korrekt juste correcto | incorrect inaccurate wrong false falsch fehlerhaft faux incorrecto
true: true wahr vrai | false untrue unwahr
active: active aktiv actif activo | inactive inaktiv inactif inactivo
complete: complete vollständig complet | incomplete unvollständig incomplet
guilty: guilty liable schuldig haftbar | innocent unschuldig
benign: benign gutartig | malignant bösartig
positive: positive positiv positif | negative negativ négatif
open: open geöffnet offen ouvert abierto مفتوح | closed shut geschlossen fermé cerrado مغلق
present: present | absent
always: always immer toujours siempre | never
like: like likes recommend recommended advisable empfohlen | dislike discouraged inadvisable
connected: connected online | disconnected offline
covered: covered gedeckt versichert | uncovered
confirmed: confirmed bestätigt | unconfirmed
exists: exists exist | nonexistent
"""


def _read(table: str) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line in table.strip().splitlines():
        meaning, both = line.split(":", 1)
        affirming, denying = both.split("|")
        for words, sign in ((affirming, 1), (denying, -1)):
            for word in words.split():
                found.setdefault(word, (meaning, sign))
    for word, known in list(found.items()):
        for form in _forms(word):
            found.setdefault(form, known)
    return found


def _forms(word: str) -> tuple[str, ...]:
    """The forms of a Romance participle or adjective: prohibido, prohibida, prohibidos …"""
    if word.endswith(("ado", "ido", "ato", "ito", "uto", "oso", "ario", "orio", "ivo")):
        return tuple(word[:-1] + ending for ending in ("a", "os", "as", "i", "e"))
    if word.endswith(("é", "dit", "mis", "clus", "clu")):
        return tuple(word + ending for ending in ("e", "s", "es"))
    return ()


POLAR: dict[str, tuple[str, int]] = _read(_POLAR)
"""Word to (meaning, +1 where it affirms the meaning, -1 where it denies it)."""

_CONTRARY = """
trend: increase increased increases rise rose rising grow grew up higher gain gained climbed steigt gestiegen erhöht augmenté aumentó | decrease decreased decreases fall fell falling drop dropped decline declined down lower lost reduced sinkt gesunken gesenkt diminué disminuyó
time: before vor avant antes | after nach après después
trade: buy bought buyer purchase | sell sold seller
bound: minimum min least | maximum max most
amount: more greater above over mehr | less fewer below under weniger
side: left | right
speed: early earlier | late later
place: first | last
edge: start begin beginning | end finish
direction: import upload deposit credit input inbound push internal | export download withdraw debit output outbound pull external
view: public | private
sign: profit surplus | loss deficit
result: win won | lose
heat: hot warm heiß warm | cold cool kalt
sort: ascending | descending
party: lender landlord employer plaintiff sender seller vermieter verkäufer arbeitgeber absender bailleur vendeur employeur expéditeur arrendador vendedor empleador remitente locatore venditore | borrower tenant employee defendant recipient buyer mieter käufer arbeitnehmer empfänger locataire acheteur employé destinataire inquilino comprador empleado destinatario conduttore compratore
force: must shall required mandatory muss müssen doit debe | may might optional optionally should can darf
whole: all every everyone alle | some few einige
join: and both | or either
near: with mit avec con | without ohne sans sin
exclusive: including | excluding
sex: male man he husband father son | female woman she wife mother daughter
cipher: encrypt encrypted | decrypt decrypted
uphold: uphold upholds upheld affirm affirmed | overturn overturns overturned overrule overruled quash quashed
end2: expire expires expired lapse lapses lapsed ends ended terminate terminates terminated | renew renews renewed extend extends extended continue continues continued
turn: past previous prior preceding | next coming upcoming forthcoming
keep: keep keeps kept retain retains retained preserve preserves preserved | discard discards discarded delete deletes deleted erase erased remove removes removed
raise: raise raises raised | cut cuts slash slashed
strength: strengthen strengthens strengthened strong stronger strongest | weaken weakens weakened weak weaker weakest
worth: improve improves improved improvement better best | worsen worsens worsened worse worst deteriorate deteriorated
height: tall taller tallest highest | short shorter shortest lowest
speedily: fast faster fastest quick quicker quickest | slow slower slowest
price: cheap cheaper cheapest | expensive costlier dearest
age: old older oldest | new newer newest young younger youngest
moisture: wet moist damp | dry arid
fullness: full | empty
hardness: hard harder hardest difficult | easy easier easiest simple simpler
lock: lock locks locked | unlock unlocks unlocked
attach: attach attached connect connects | detach detached disconnect disconnects
install: install installs installed | uninstall uninstalls uninstalled
expand: expand expands expanded expansion widen widened | shrink shrinks shrank contract contracts contraction narrow narrowed
ascend: ascend ascends | descend descends
arrive: arrive arrives arrived arrival | depart departs departed departure
accept: accept accepts accepted | reject rejects rejected refuse refuses refused
attack: attack attacks attacked | defend defends defended
create: create creates created build builds built | destroy destroys destroyed demolish demolished
praise: praise praises praised | criticise criticises criticised criticize criticizes criticized
support: support supports supported back backs backed favour favours favor favors | oppose opposes opposed
teach: teach teaches taught | learn learns learnt learned
borrow: borrow borrows borrowed | lend lends lent
join2: joins joined | quit quits leave leaves
attract: attract attracts attracted | repel repels repelled
absorb: absorb absorbs absorbed | emit emits emitted release releases released
freeze: freeze freezes frozen freezing | melt melts melted melting thaw
asleep: asleep | awake
alive: alive living survived survives | dead died killed
rich: rich richer wealthy | poor poorer
guilt: convicted | acquitted
manner: manually | automatically
amount-of: majority | minority
frequency-of: frequent frequently often | rare rarer rarely seldom infrequent infrequently
span: temporary temporarily | permanent permanently
place-of: indoors inside indoor | outdoors outside outdoor
front: front | rear
inner: inner interior | outer exterior
horizontal: horizontal horizontally | vertical vertically
clockwise: clockwise | counterclockwise anticlockwise
absolute: absolute | relative
local: local locally | remote remotely
online: online | offline
wholesale: wholesale | retail
import2: imports imported | exports exported
gross: gross | net
debit2: debits | credits
optimist: optimistic bullish | pessimistic bearish
formal: formal formally | informal informally
literal: literal literally | figurative figuratively
acid: acidic acid | alkaline
solid: solid | liquid gaseous
synchronous: synchronous synchronously | asynchronous asynchronously
mutable: mutable | immutable
upstream: upstream | downstream
domestic: domestic | foreign abroad overseas
rural: rural | urban
natural: natural | artificial synthetic
cold2: chilled refrigerated fridge refrigerator | ambient
raw: raw uncooked | cooked
sweet: sweet | sour bitter salty
loud: loud loudly noisy | quiet quietly silent
bright: bright | dark dim
sharp: sharp | blunt
friend: friend friends ally | enemy enemies foe
victim: victim | perpetrator
tighten: tighten tightens tightened | loosen loosens loosened
wax: dilate dilates dilated | constrict constricts constricted
worsen: relieve relieves relieved alleviate alleviates soothe soothes | aggravate aggravates aggravated exacerbate
prevent: prevent prevents prevented | promote promotes
accelerate: accelerate accelerates accelerated speeds | delay delays delayed decelerate
advance: advance advances advanced | retreat retreats retreated
visible: visible visibly | invisible hidden
size: larger largest bigger biggest | smaller smallest
weight: heavier heaviest | lighter lightest
length: longer longest | briefer
"""

CONTRARY: dict[str, tuple[str, int]] = _read(_CONTRARY)
"""Like POLAR, for opposites that change the content without denying anything."""

_SCALES = """
day: today heute hoy | tomorrow morgen demain mañana | yesterday gestern hier ayer
frequency: hourly stündlich | daily täglich quotidien | weekly wöchentlich hebdomadaire | fortnightly biweekly | monthly monatlich mensuel | quarterly vierteljährlich | yearly annual annually jährlich annuel
daytime: morning morgens matin | noon mittags midi | afternoon nachmittags | evening abends soir | night midnight nachts
compass: north northern nord norden | south southern süd süden sud | east eastern ost osten | west western westen ouest
season: spring frühling printemps | summer sommer été | autumn fall herbst automne | winter hiver
colour: red rot rouge rojo | blue blau bleu azul | green grün vert verde | yellow gelb jaune amarillo | black schwarz noir negro | white weiß blanc blanco | orange | purple violet lila | brown braun | grey gray grau gris | pink rosa
upper: upper top obere oberen haut superior | middle mittlere mittleren milieu | bottom beneath untere unteren bas inferior
level: low niedrig | medium moderate mittel | high hoch | critical severe kritisch
"""

SCALE: dict[str, tuple[str, int]] = {}
"""Word to (scale, place on it): two words of one scale at different places exclude each other."""
for _line in _SCALES.strip().splitlines():
    _name, _steps = _line.split(":", 1)
    for _place, _step in enumerate(_steps.split("|")):
        for _word in _step.split():
            SCALE.setdefault(_word, (_name, _place))

EXCEPTIVE = frozenset(
    """unless until till except only after within without before otherwise exceeding beyond nur
    erst außer sofern innerhalb sauf jusqu seulement excepto salvo solo hasta إلا فقط""".split()
)
"""Words with which "can't … after" and "can … within" say the same."""

IDIOMS = (
    "feel free to", "don't forget to", "do not forget to", "never forget to", "nicht vergessen",
    "don't hesitate to", "do not hesitate to", "no problem", "no worries", "no doubt", "not only",
    "without hesitation", "no matter", "whether or not", "if not", "why not", "without further ado",
    "not to mention", "nothing but", "zögern sie nicht", "n'hésitez pas à", "no dude en", "no dudes en",
    "nicht nur", "non seulement", "no solo", "kein problem", "pas de problème", "no obstante",
    "without delay", "in no time", "without any problem", "can't wait", "not until",
)  # fmt: skip
"""Phrases with a negator that deny nothing."""

# For scripts without spaces. A denial is counted by clause, once these phrases are out of the way.
CJK_NEGATORS = (
    "否则", "不", "没有", "没", "無い", "无", "未", "勿", "別", "别", "禁止", "拒绝", "ない", "ません", "ぬ", "不可",
    "拒否", "않", "없", "아니", "못",
)  # fmt: skip
CJK_INNOCENT = (
    "不过", "不仅", "不但", "不断", "不同", "不久", "不少", "不错", "不管", "不论", "不客气", "不好意思",
    "对不起", "差不多", "了不起", "无论", "无需", "未来", "未免", "别的", "特别", "分别", "区别", "级别", "类别",
    "个别", "识别", "性别", "別途", "特別", "個別", "区別", "種別", "なければならない", "なければなりません",
    "なくてはなりません", "なくてはならない", "必要があり", "かもしれない", "かもしれません", "すみません",
    "少ない", "違いない", "だけでなく", "間違いなく", "くださいませんか", "いただけませんか", "問題ない",
    "申し訳ありません", "申し訳ございません", "仕方ない", "まもなく", "無料", "无法避免", "不可避免", "不得不",
    "没问题", "没关系",
)  # fmt: skip
CJK_AFFIRMED_DENIALS = {
    "缺货": "没有库存",
    "售罄": "没有库存",
    "免费": "不收费",
    "品切れ": "在庫ない",
    "无法": "不能",
    "不得": "不能",
    "不准": "不能",
    "不许": "不能",
}

DENYING = NEGATORS | {word for word, (_, sign) in POLAR.items() if sign < 0}
"""Words that deny what is said beside them, or something by themselves."""

IMPLYING = frozenset(
    """except excepting excluding exclude excludes excluded apart instead rather nowhere missing
    lack lacks lacking absent absence still same unchanged flat remain remains remained gone fail
    fails failed refuse refuses refused reject rejects rejected deny denies denied decline declines
    declined otherwise separately separate alone reserved until unless optional prevent prevents
    prevented off away limits stop stops stopped too just merely barely rarely seldom regardless
    anyway keep keeps kept skip skips omit omits omitted empty zero stay stays stayed up
    statt außer fehlt fehlen fehlend bleibt bleiben blieb weiterhin sonst andernfalls entfällt
    entfallen ausgeschlossen stattdessen selbst noch
    sauf reste restent toujours manque manquent offert offerte interdit refusé sinon même plutôt
    salvo excepto falta faltan sigue siguen prohibido mismo misma aparte
    eccetto tranne resta restano manca ancora vietato stesso stessa
    exceto continua continuam mesmo mesma""".split()
)
"""Words with which a denial may be said without a word that denies: "the same" for "not changed"."""

PERSONS = {
    **dict.fromkeys(("i", "me", "my", "mine", "we", "us", "our", "ours"), 1),
    **dict.fromkeys(("you", "your", "yours"), 2),
    **dict.fromkeys(("he", "him", "his", "she", "her", "they", "them", "their", "theirs"), 3),
}
"""Of whom an English pronoun speaks: the first, second or third person."""
