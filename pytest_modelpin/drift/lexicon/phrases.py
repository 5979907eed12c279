"""What assistants say around an answer: openings, closings, and refusals, by language."""

# ruff: noqa: E501 - vocabularies read best in long lines of plain words

from __future__ import annotations

import re

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

OPENING = re.compile(r"(?:\*\*|#{1,6} )?(?:" + "|".join(_OPENINGS) + ")", re.IGNORECASE)
"""Matches at the start of an answer that begins with a courtesy instead of the answer."""

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

COURTESY = re.compile("(?:" + "|".join((*_COURTESIES, *_CLOSINGS)) + ")", re.IGNORECASE)
"""Matches at the start of a sentence that is polite and says nothing."""

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
