"""Words without a meaning of their own, by language; they also tell the language of a text."""

# ruff: noqa: E501, SIM905 - vocabularies read best in long lines of plain words

from __future__ import annotations

_BY_LANGUAGE = {
    "en": """a an the and or but if until before after while during within upon since because though although till of to in on at for from by with as is are was were be been being am
        this that these those it its he she they them his her their we us our you your i my me there here
        which who whom whose what when where how has have had do does did will would should could may might
        can shall than then so such very just also about into over under again too each any some all more
        most other only own same both please let s t re ve ll d m now well still already every via through yet not no hello hi thanks thank good order day anywhere anything anyone everywhere throughout""",
    "de": """der die das den dem des ein eine einen einem einer eines und oder aber wenn von zu zum zur im in
        ins am auf für mit als ist sind war waren sein wird werden wurde wurden bin bist hat haben hatte
        dieser diese dieses es er sie wir uns unser unsere ihr ihre ihren ihrem ihnen sich ich mein mich mir
        du dich dir dein auch noch nur so wie dass daß bei nach aus über um an bis durch man bitte hier
        können kann nicht kein keine soll sollte muss schon sehr hallo guten danke bitte ja nein""",
    "fr": """le la les un une des du de et ou mais si en dans sur pour par avec est sont était étaient être
        été a ont avait ce cet cette ces il elle ils elles nous vous votre vos notre nos je mon ma mes tu
        qui que quoi dont où au aux ne pas plus se son sa ses leur leurs y c d l n s j qu très aussi comme
        bien peut peuvent sera bonjour merci oui commande""",
    "es": """el la los las un una unos unas de del y o pero si en sobre para por con es son era eran ser
        está están fue ha han había este esta estos estas ese esa él ella ellos nosotros usted ustedes su sus
        nuestro yo mi tu que quien cual donde al no se lo le les más muy también como puede pueden hay hola gracias pedido buenos buenas días""",
    "it": """il lo la i gli le un uno una di del della dei delle e o ma se in nel nella su per con è sono era
        essere stato ha hanno questo questa questi queste egli lei loro noi voi suo sua che chi dove al alla
        non si più molto anche come può possono da dal ci ciao grazie ordine buongiorno""",
    "pt": """o a os as um uma uns umas de do da dos das e ou mas se em no na nos nas sobre para por com é são
        era ser está estão foi tem este esta esse essa ele ela eles nós você vocês seu sua que quem onde ao
        não mais muito também como pode podem há olá obrigado obrigada bom""",
    "nl": """de het een en of maar als van in op aan voor met is zijn was waren worden wordt heeft hebben dit
        dat deze die hij zij wij ons onze u uw ik mijn je jouw niet geen ook nog naar bij uit over om door
        kan kunnen zal er""",
    "sv": """en ett och eller men om av i på för med är var vara har hade den det de denna dessa han hon vi
        oss vår ni er jag min du din inte ingen också från till som kan ska att""",
    "pl": """i oraz lub ale jeśli z ze w we na do dla przez jest są był była być ma mają to ten ta te tym on
        ona oni my wy pan pani nie się jak co który która które jego jej ich może można""",
    "tr": """ve veya ama ile için bir bu şu o da de mi ne gibi daha çok en olan olarak değil var yok ben sen
        biz siz onlar her şey kadar sonra""",
    "ru": """и или но если из в во на к ко для с со по от до это этот эта эти он она они мы вы ваш наш я
        мой ты твой который которая что кто где как так же бы ли у о об за уже только также был была было
        быть есть""",
    "ar": """في من إلى على عن مع هذا هذه ذلك تلك هو هي هم نحن أنت أنا كان كانت يكون التي الذي الذين أن إن
        ثم أو و قد كل بعد قبل عند حتى ما لقد كما أي بين""",
}  # fmt: skip

BY_LANGUAGE = {language: frozenset(text.split()) for language, text in _BY_LANGUAGE.items()}

_FOREIGN_FALSE_FRIENDS = frozenset(("die", "was", "man", "war", "dose", "son", "main", "non"))
"""Function words of one language that carry meaning in another; kept when meaning is compared."""

# Only the closed classes of English and the short words of the others: content must not vanish.
EMPTY = (
    frozenset().union(
        BY_LANGUAGE["en"], BY_LANGUAGE["de"], BY_LANGUAGE["fr"], BY_LANGUAGE["es"],
        BY_LANGUAGE["ru"], BY_LANGUAGE["ar"],
    )
    - _FOREIGN_FALSE_FRIENDS
)  # fmt: skip
"""Words that say nothing by themselves when two sentences are compared for content."""

FILLERS = frozenset(
    """really quite simply actually basically currently generally usually typically certainly
    definitely kindly however therefore thus hence moreover furthermore additionally
    overall indeed rather bereits derzeit gerne natürlich außerdem daher deshalb vraiment
    actuellement donc ensuite once soon shortly directly easily quickly right away able
    get got make made go going goes went gone take way thing things lot need needs want wants like up out
    off down back along together help""".split()
)
"""Words that come and go in rewording without changing what is said."""
