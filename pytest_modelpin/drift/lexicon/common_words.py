"""Words and phrases that say little by themselves, by language: stop words, which also tell the
language of a text, common verbs, and what assistants say around an answer, refusals included.
"""

# ruff: noqa: E501, SIM905 - vocabularies read best in long lines of plain words

from __future__ import annotations

import re

_BY_LANGUAGE = {
    "en": """a an the and or but if until till before after while during within upon since because though although till of to in on at for from by with as is are was were be been being am
        this that these those it its he she they them his her their we us our you your i my me there here
        which who whom whose what when where how has have had do does did will would should could may might
        can shall than then so such very just also about into over under again too each any some all more
        most other only own same both please let s t re ve ll d m now well still already every via through yet not no hello hi thanks thank good day anywhere anything anyone everywhere throughout""",
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

VERBS = """
accept access accompany account achieve acquire act add address adjust admire advise affect agree
aim allow amend announce answer apologise apologize appeal appear apply appreciate approach argue
arrange arrive ask assess assist assume attach attempt attend attract await award back bake
bargain base become begin believe belong blame bleed blend board boil borrow breach bring bruise
build cache call cancel care carry catch cause cease change charge check chill choose cite claim
clarify clean clear climb clone collect combine come commence comment commit communicate compare
compile complete comply concern conclude conduct confirm connect consider consist constitute
construct contact contain continue contribute convert convey cook cope cost cough cover create
credit criticise criticize cut cycle deal debit debug decide declare deduct define delay deliver
demonstrate depart depend deploy derive describe design detect determine develop devise diagnose
direct disclose discover discuss dislike dismiss dispatch display distribute donate doubt download
draft drain draw drive drop earn eat edit elaborate email emphasise emphasize employ enable
encounter encourage end enforce enjoy enrol enroll ensure enter entitle equip escalate establish
estimate evaluate examine exceed execute exhibit exist expect experience expire explain explore
express extend face faint fear feature feel fetch fill filter find finish fire fit fix fly follow
forecast forget fork form forward found freeze fry function gain gather generate get give go grant
greet grow guarantee guess guide halt handle happen hash hate have heal hear help highlight hike
hire hit hold hope house identify ignore illustrate imagine implement improve include indicate
inform infringe inhale inherit inject inspect install instantiate intend introduce invest
investigate invite invoke involve issue iterate join judge keep know land lapse last launch lay
lead learn leave lend let lie list live locate log look loop love maintain make manage manufacture
map mark mean measure meet melt mention merge message miss mix monitor need neglect negotiate note
notice notify observe obtain occur offer operate order organise organize originate overlook
overturn owe own parse participate peel perform permit phone pick place plan play plead plug point
post postpone pour praise prefer prepare prescribe present preserve press prevent print proceed
process produce project promise promote prompt propose protect prove provide publish pull purchase
pursue push put quit quote raise range ratify reach read realise realize reboot recall receive
recognise recognize recommend record recover recruit redeem refer reflect refund regard register
regret reimburse relapse relate release rely remain remember remind render repair repay repeal
repeat replace reply report represent request require reschedule research reserve reset reside
resign resolve respond restart restore result retain retire retrieve return reveal review rinse
rule run sail save say scan schedule secure see seek seem select send serve set settle share ship
show shut sign sit skip slice sneeze solve sort sound speak specify spend stand start state stay
stem stir stop store stress struggle study submit subside sue suggest suit summarise summarize
supply support suppose surpass suspect sustain swallow swell swim swipe switch sync take talk
teach tell tend test testify text thank think throw touch track train transform travel treat
trigger try turn undergo underline underscore understand undertake unplug update upgrade uphold
upload use utilise utilize value vary verify view violate visit vomit wait walk want warn wash
watch wear weigh welcome win wish witness wonder work worry worsen write
was were been became began believed brought built bought
caught chose came cost dealt drew drove ate fell felt found gave given got gone went grew grown
had heard held kept knew known laid led learnt left lent lay lost made meant met paid put ran rose
said saw seen sold sent set shown sat spoke spoken spent stood took taken taught told thought
understood undertook wore won wrote written
"""
"""One for another is mostly rewording, where it is not an opposite."""


_LEAD = r"(?=[^\S\n]*(?:[!.:]|[,—–-]?\s+(?:here|i'd|i'll|i can|i would|let me|below|hier|ich|voici|je|aquí|ecco|вот|as requested)\b|\n))"
"""What shows that "Sure" is a courtesy: "Sure! …" and "Sure, here is …", but not "Sure, at 5 pm."."""

_OPENINGS = (
    r"(?:sure(?:ly| thing)?|certainly|of course|absolutely|definitely|got it|okay|ok|alright|understood|no problem|with pleasure|gladly)\b" + _LEAD,
    r"(?:great|good|excellent) question\b", r"(?:happy|glad) to help\b", r"thanks? (?:you )?for (?:asking|reaching out|your (?:question|inquiry|enquiry))",
    r"(?:i'd|i would|i'll|i will|i'm|i am) (?:be )?(?:happy|glad|delighted|more than happy) to",
    r"(?:here is|here's|here are|below is|below are|the following is)\b(?=[^\n]{0,160}(?::|\n))",
    r"please find (?:below|attached|here)\b", r"here (?:you go|it is)\b", r"let me (?:help|explain|break|walk)\b", r"as requested\b",
    r"based on (?:the|your) (?:information|text|document|context|data)[^\n]{0,60}:",
    r"(?:gern(?:e)?|natürlich|selbstverständlich|klar|sicher|aber gern(?:e)?)\b" + _LEAD, r"gute frage\b",
    r"(?:hier ist|hier sind|hier finde(?:st du|n sie))\b(?=[^\n]{0,160}(?::|\n))",
    r"(?:bien sûr|certainement|avec plaisir|d'accord)\b" + _LEAD, r"(?:voici|voilà)\b(?=[^\n]{0,160}(?::|\n))", r"bonne question\b",
    r"[¡]?(?:por supuesto|claro(?: que sí)?|con gusto)\b" + _LEAD, r"aquí (?:está|tienes|tiene|están)\b(?=[^\n]{0,160}(?::|\n))",
    r"(?:certo|certamente)\b" + _LEAD, r"ecco\b(?=[^\n]{0,160}(?::|\n))", r"конечно\b" + _LEAD, r"вот\b(?=[^\n]{0,160}(?::|\n))",
    r"当然(?:可以)?[！!，,。]", r"好的[！!，,。]", r"没问题[！!，,。]", r"以下是[^\n]{0,60}[：:\n]", r"(?:もちろん|かしこまりました|承知(?:いた)?しました|了解しました)", r"(?:以下|こちら)(?:は|が|に)[^\n]{0,60}(?:です|ます)",
    r"(?:بالتأكيد|بكل سرور|بالطبع|حسن[ًاا]+)[!،,.]", r"(?:إليك|فيما يلي)[^\n]{0,80}:", r"물론(?:이죠|입니다)",
)  # fmt: skip

OPENING = re.compile(r"(?:\*\*|#{1,6} )?(?:" + "|".join(_OPENINGS) + ")")
"""Matches at the start of an answer in lower case that begins with a courtesy instead of the answer."""

_CLOSINGS = (
    r"(?:please )?(?:let me know|let us know|feel free|don't hesitate|do not hesitate|i hope (?:this|that)|hope (?:this|that) helps)",
    r"(?:is there )?anything else i can", r"if you (?:have|need|would like|want|'d like)\b[^\n]{0,80}(?:questions?|help|assistance|know|ask|details|reach|contact|adjust)",
    r"would you like (?:me|us)? ?to", r"happy to help", r"(?:i'm|i am|we're|we are) here to help", r"have a (?:great|nice|good|wonderful)",
    r"thank you for (?:your patience|contacting|reaching|choosing|your understanding|your business)", r"thanks for (?:your patience|reaching|contacting)",
    r"(?:best|kind|warm) regards", r"wenn (?:sie|du) (?:noch |weitere )[^\n]{0,60}frage", r"falls (?:sie|du) (?:noch |weitere )", r"(?:lassen sie|lass) (?:es )?mich (?:gerne )?wissen",
    r"ich hoffe,? (?:das|dies)", r"zögern sie nicht", r"n'hésitez pas", r"si vous avez (?:d'autres|des) questions", r"j'espère que",
    r"no dude", r"si (?:tiene|tienes|necesita|necesitas) (?:alguna|más|otra|ayuda)", r"espero que", r"希望(?:这|对|以上)", r"如果您?(?:还)?有(?:其他|任何|更多)?(?:的)?(?:问题|疑问)",
    r"如有(?:其他|任何)?(?:问题|疑问)", r"请随时", r"祝您", r"ご不明な点", r"何か(?:他に|ご)", r"お役に立て", r"إذا كان لديك(?: أي)?", r"لا تتردد", r"آمل أن",
    r"если у вас (?:есть|возникнут)", r"надеюсь",
)  # fmt: skip

_COURTESIES = (
    r"i(?:'m| am) (?:so |very |really )?sorry (?:to hear|for|about)", r"(?:we|i) (?:sincerely )?apologi[sz]e for", r"sorry (?:for|about) the",
    r"i (?:completely |totally |fully )?understand (?:how|your|that|this)", r"thank(?:s| you)\b", r"hello\b", r"hi\b", r"hey\b", r"dear\b", r"good (?:morning|afternoon|evening)",
    r"vielen dank", r"danke\b", r"hallo\b", r"guten tag", r"es tut (?:mir|uns) leid", r"wir entschuldigen", r"merci\b", r"bonjour\b", r"(?:je suis|nous sommes) désolé",
    r"gracias\b", r"hola\b", r"您好", r"你好", r"谢谢", r"感谢", r"抱歉给", r"很抱歉", r"ありがとう", r"こんにちは", r"お世話に", r"مرحب", r"شكر", r"نأسف", r"نعتذر",
    r"great (?:choice|news)", r"you're welcome", r"that's a great",
)  # fmt: skip

COURTESY = re.compile("(?:" + "|".join((*_COURTESIES, *_CLOSINGS)) + ")")
"""Matches at the start of a sentence in lower case that is polite and says nothing."""

_HELP = (
    r"(?:help|assist|provide|comply|fulfil+|answer|respond|do (?:that|this|so)|share|create|generate|write|discuss|"
    r"give (?:you )?(?:any )?(?:advice|instructions|legal|medical|financial|personal|tax|investment|specific|an opinion|opinions|recommendations)|offer|"
    r"make (?:any )?(?:predictions?|recommendations?|financial|medical|legal|political|judgments?)|predict|diagnose|prescribe|comment|respond|suggest|engage|recommend|disclose|reveal|"
    r"process (?:this|that|your) request|complete (?:this|that|your) request|support (?:this|that)|"
    r"continue with|participate|produce|translate|summari[sz]e|speculate|browse|access|perform|"
    r"carry out|proceed|advise|talk about|speak (?:to|on)|identify|tell you|make (?:that|this)|fully)"
)
_REFUSALS = (
    rf"\bi(?:'m| am)? ?(?:really |very |so )?(?:sorry|afraid|apologi[sz]e)[^.!?\n]{{0,60}}\bi(?:'m| am)? ?(?:can't|cannot|can not|won't|will not|not able to|unable to)[^.!?\n]{{0,30}}\b{_HELP}",
    rf"(?:^|[.!?,;:\n] ?|unfortunately,? |however,? |but |so |and |therefore,? |which |because )i(?: really| simply)? ?(?:can't|cannot|can not|won't|will not) (?:actually |directly |really )?(?:be able to )?(?:in good conscience )?{_HELP}\b",
    rf"\bi(?:'m| am) (?:not able|unable|not allowed|not permitted|not in a position|not comfortable|not authorized) (?:to |with )?{_HELP}?",
    r"\bi(?:'m| am) not (?:able|comfortable|allowed|permitted)\b", r"\bi (?:must|have to|need to|will have to|respectfully) (?:respectfully |politely )?decline",
    r"\bi(?:'m| am) (?:just |only )?an? (?:ai|artificial|language|large|virtual)\b[^.!?\n]{0,60}(?:can't|cannot|don't|do not|unable|not able|won't)",
    r"\b(?:would be|is) (?:inappropriate|irresponsible|unethical) for me to\b", r"\bbeyond what i(?:'m| am)? ?(?:can|able)\b", r"\bi (?:do not|don't) have (?:the ability|the capability|access to the internet|personal opinions|real-time)\b",
    r"\bas an ai\b[^.!?\n]{0,80}(?:can't|cannot|don't|do not|unable|not able|not have|won't)", r"\bas an? (?:ai|large|language)\b (?:language )?(?:model|assistant)?[^.!?\n]{0,60}\bi\b",
    r"\b(?:against|violates?|outside|beyond) (?:my|our|the|openai's|anthropic's) (?:guidelines|polic(?:y|ies)|usage|content|programming|capabilities|scope)",
    r"\bnot something i(?:'m| am)? ?(?:can|able|comfortable|will)", r"^(?:i'm|i am) sorry,? but (?:that|this|i)\b[^.!?\n]{0,40}(?:can't|cannot|not (?:able|something|possible)|unable|won't)",
    r"^sorry,? (?:but )?i (?:can't|cannot|won't|am unable|'m unable)", r"^i(?:'d| would) (?:rather|prefer) not\b", r"\brequest (?:was|has been) (?:blocked|refused|flagged)",
    r"\bconsult (?:a|your) (?:doctor|lawyer|professional)[^.]{0,30} instead of (?:me|relying on me)", r"\bi don't feel comfortable\b",
    r"ich kann (?:ihnen |dir |euch )?(?:dabei|hierbei|damit|bei dieser|bei diesem|das|diese[rns]?)?[^.!?\n]{0,50}(?:leider )?nicht (?:weiter)?(?:helfen|unterstützen|beantworten|behilflich|erfüllen|nachkommen|weiterhelfen)"
    r"|(?:ich kann|kann ich|ich darf|darf ich)[^.!?\n]{0,40}\bkeine[nr]? [^.!?\n]{0,30}(?:geben|erteilen|machen|anbieten|leisten|empfehlen|bereitstellen)"
    r"|kann ich (?:ihnen |dir |euch )?(?:dabei|damit|hierbei|leider)[^.!?\n]{0,30}nicht (?:weiter)?helfen",
    r"(?:dabei|damit|hierbei) kann ich (?:ihnen |dir )?(?:leider )?nicht", r"es tut mir leid,? (?:aber |doch )?(?:ich kann|das kann ich|dabei|ich darf|ich bin nicht)", r"als (?:ki|sprachmodell|künstliche)",
    r"ich (?:bin|fühle mich) nicht (?:in der lage|befugt|wohl)", r"tut mir leid,? (?:aber )?(?:dabei|das|ich) [^.!?\n]{0,40}nicht",
    r"je (?:suis désolée?|regrette|m'excuse),? mais je ne (?:peux|suis|pourrai)", r"je ne (?:peux|puis|pourrai|suis) pas (?:en mesure de |capable de |autorisée? à )?(?:vous |t'|te )?(?:aider|répondre|fournir|donner|accéder|satisfaire|traiter)",
    r"en tant qu(?:e |')(?:ia|modèle|intelligence|assistant)", r"désolée?,? (?:mais )?je ne (?:peux|suis)",
    r"lo siento,? (?:pero )?no (?:puedo|me es posible|estoy)", r"no me es posible (?:ayudar|responder|proporcionar)|no puedo (?:ayudar|proporcionar|responder|cumplir|ofrecer|brindar)", r"como (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje)",
    r"mi dispiace,? (?:ma )?non posso", r"non posso (?:aiutar|fornire|rispondere)", r"desculpe,? (?:mas )?(?:eu )?não posso", r"não posso (?:ajudar|fornecer|responder)",
    r"(?:извините|простите|к сожалению)[^.!?\n]{0,20}я не могу", r"я не могу (?:помочь|ответить|предоставить|выполнить)", r"как (?:ии|языковая модель|искусственный)",
    r"(?:对不起|抱歉|很遗憾)[^。！\n]{0,10}(?:我?(?:无法|不能|没有办法|没法)|我不便|[^。！\n]{0,8}我(?:无法|不能))", r"我(?:无法|不能|没法|不便)(?:为您|帮您|向您)?(?:提供|协助|帮助|回答|满足|处理|完成|讨论|给出)", r"作为(?:一个|一款|一名)?(?:ai|人工智能|语言模型|大语言模型)",
    r"(?:申し訳|恐れ入り|すみません|残念ながら)[^。\n]{0,40}(?:できません|できかねます|いたしかねます|お答えでき|対応でき|お手伝いでき|応じられ)", r"(?:お手伝い|お答え|対応|提供)(?:する(?:こと)?)?(?:は|が)?(?:できません|できかねます|いたしかねます)", r"aiとして",
    r"(?:عذر[ًاا]*|آسف|أعتذر|للأسف|نأسف)[^.!؟\n]{0,30}(?:لا (?:أستطيع|يمكنني|أقدر)|لن أتمكن|غير قادر|لست قادر)", r"لا (?:أستطيع|يمكنني) (?:مساعدتك|المساعدة|تقديم|الإجابة|تلبية|تنفيذ)", r"بصفتي (?:نموذج|ذكاء)",
    r"죄송(?:합니다|하지만)[^.\n]{0,40}(?:수 없|어렵|못)",
)  # fmt: skip

REFUSAL = re.compile("(?:" + "|".join(_REFUSALS) + ")", re.IGNORECASE)
"""Matches a sentence in which the assistant, not the business it speaks for, declines to answer."""
