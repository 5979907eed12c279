"""Number words, units, currencies and month names, by language."""

# ruff: noqa: E501 - vocabularies read best in long lines of plain words

from __future__ import annotations

from decimal import Decimal

_SMALL = (
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen""",
    """null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn
    sechzehn siebzehn achtzehn neunzehn""",
    """zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
    dix-sept dix-huit dix-neuf""",
    """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
    dieciséis diecisiete dieciocho diecinueve""",
    """zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici
    quindici sedici diciassette diciotto diciannove""",
    """zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis
    dezessete dezoito dezenove""",
    """nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien
    zeventien achttien negentien""",
    """ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать""",
    """صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة""",
)
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "vingt trente quarante cinquante soixante",
    "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    "عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون",
)

UNITS_OF_TEN: dict[str, int] = {}
"""Number words that add up: seven, nineteen, twenty."""
for _text in _SMALL:
    for _value, _word in enumerate(_text.split()):
        UNITS_OF_TEN.setdefault(_word, _value)
for _text in _TENS:
    for _value, _word in enumerate(_text.split(), start=2):
        UNITS_OF_TEN.setdefault(_word, 10 * _value)
for _unit, _word in enumerate(
    ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"], start=1
):
    for _ten, _name in enumerate(_TENS[1].split(), start=2):
        UNITS_OF_TEN[f"{_word}und{_name}"] = 10 * _ten + _unit
for _unit, _word in enumerate(
    ["een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"], start=1
):
    for _ten, _name in enumerate(_TENS[6].split(), start=2):
        UNITS_OF_TEN[f"{_word}{'ën' if _word.endswith('e') else 'en'}{_name}"] = 10 * _ten + _unit
for _unit, _word in enumerate(
    ["uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"], start=1
):
    for _ten, _name in enumerate(_TENS[4].split(), start=2):
        _stem = _name[:-1] if _word[0] in "uo" else _name
        UNITS_OF_TEN[f"{_stem}{'tré' if _word == 'tre' else _word}"] = 10 * _ten + _unit
for _unit, _word in enumerate(
    ["uno", "dós", "trés", "cuatro", "cinco", "séis", "siete", "ocho", "nueve"], start=1
):
    UNITS_OF_TEN[f"veinti{_word}"] = 20 + _unit
# "once" counts in English what "eleven" is in Spanish; "six" and "dix" are safe, these are not.
for _word in ("un", "um", "een", "uno", "once", "sei", "null", "sept", "due", "tre", "acht"):
    UNITS_OF_TEN.pop(_word, None)
UNITS_OF_TEN["acht"] = 8
_FRENCH = (*_SMALL[2].split()[:17], "dix-sept", "dix-huit", "dix-neuf")
COMPOUNDS: dict[str, int] = {
    **{f"dix-{_FRENCH[unit]}": 10 + unit for unit in (7, 8, 9)},
    **{f"soixante-{_FRENCH[unit]}": 60 + unit for unit in range(10, 20) if unit != 11},
    "soixante-et-onze": 71, "quatre-vingts": 80,
    **{f"quatre-vingt-{_FRENCH[unit]}": 80 + unit for unit in range(1, 20)},
}  # fmt: skip
"""French numbers whose words are numbers by themselves: sixty-ten, four-twenties."""
UNITS_OF_TEN |= COMPOUNDS
UNITS_OF_TEN |= {"duas": 2, "dezasseis": 16, "dezassete": 17, "dezanove": 19}

MULTIPLIERS: dict[str, int] = {
    "hundred": 100, "hundert": 100, "cent": 100, "cents": 100, "cien": 100, "cento": 100, "сто": 100, "مئة": 100,
    "thousand": 1_000, "tausend": 1_000, "mille": 1_000, "mil": 1_000, "тысяча": 1_000, "тысяч": 1_000, "ألف": 1_000,
    "million": 10**6, "millions": 10**6, "millionen": 10**6, "millón": 10**6, "millones": 10**6, "مليون": 10**6,
    "миллион": 10**6, "миллионов": 10**6,
    "billion": 10**9, "billions": 10**9, "milliarde": 10**9, "milliarden": 10**9, "milliard": 10**9, "milliards": 10**9,
    "مليار": 10**9, "trillion": 10**12,
}  # fmt: skip
# A hundredth of a euro and a hundred in French: as a word alone it is read as neither.
MULTIPLIERS.pop("cents")
MULTIPLIERS.pop("cent")

SOFT: dict[str, int] = {
    "one": 1, "first": 1, "once": 1, "single": 1, "eins": 1, "erste": 1, "ersten": 1, "erster": 1, "einmal": 1,
    "premier": 1, "première": 1, "primero": 1, "primera": 1, "один": 1,
    "الواحدة": 1, "الثانية": 2, "الثالثة": 3, "الرابعة": 4, "الخامسة": 5, "السادسة": 6, "السابعة": 7,
    "الثامنة": 8, "التاسعة": 9, "العاشرة": 10,
    "second": 2, "twice": 2, "double": 2, "both": 2, "couple": 2, "pair": 2, "zweite": 2, "zweiten": 2, "zweimal": 2,
    "deuxième": 2, "segundo": 2, "segunda": 2,
    "third": 3, "thrice": 3, "triple": 3, "dritte": 3, "dritten": 3, "dreimal": 3, "troisième": 3, "tercero": 3,
    "fourth": 4, "vierte": 4, "vierten": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "dozen": 12,
    "eleventh": 11, "twelfth": 12, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
for _word in ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"):
    SOFT[f"{_word}th"] = UNITS_OF_TEN[_word]
for _value, _word in enumerate(
    ["dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt", "zehnt", "elft", "zwölft"],
    start=3,
):
    SOFT |= {f"{_word}{_ending}": _value for _ending in ("e", "en", "er", "es", "em")}
"""Words that are often a number and often not; alone on one side they prove nothing."""

MAGNITUDES: dict[str, int] = {
    "k": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "bn": 10**9, "b": 10**9, "mrd": 10**9, "tn": 10**12,
    **{word: value for word, value in MULTIPLIERS.items() if value >= 1000},
    "dozen": 12, "dutzend": 12, "douzaines": 12, "docenas": 12,
    "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "千": 10**3, "百万": 10**6, "lakh": 10**5, "crore": 10**7,
}  # fmt: skip
"""What may follow digits and multiply them; the single letters only without a space between."""

_UNITS = """
second 1: s sec secs second seconds sekunde sekunden seconde secondes segundo segundos 秒 秒钟 ثانية ثوان секунд
second 60: min mins minute minutes minuten minuto minutos minuti 分钟 分間 دقيقة دقائق минут
second 3600: h hr hrs hour hours stunde stunden heure heures hora horas ora ore uur 小时 時間 ساعة ساعات часов
second 86400: day days tag tage tagen jour jours día días dia dias dag dagen giorno giorni 天 日 日間 يوم أيام дней дня
second 1209600: fortnight fortnights
second 604800: week weeks woche wochen semaine semaines semana semanas settimana settimane week weken 周 星期 週間 أسبوع أسابيع недель
second .001: ms millisecond milliseconds millisekunden 毫秒
month 1: month months monat monate monaten mois mes meses mês mese mesi maand maanden 个月 か月 ヶ月 شهر أشهر месяцев
month 12: year years yr yrs jahr jahre jahren an ans année années año años ano anos anno anni jaar 年 年間 سنة سنوات лет
month 120: decade decades jahrzehnt jahrzehnte jahrzehnten décennie décennies década décadas decennio decenni
workday 1: workdays weekdays werktage werktagen werktag arbeitstage arbeitstagen 个工作日 工作日 営業日
metre 1: m meter meters metre metres metern mètre mètres metro metros 米 メートル متر
metre 1000: km kms kilometer kilometers kilometre kilometres kilometern kilomètre kilomètres kilómetro kilómetros 公里 千米 キロ キロメートル كيلومتر كم
metre .01: cm centimeter centimeters centimetre centimetres zentimeter 厘米 センチ
metre .001: mm millimeter millimeters millimetre millimetres 毫米
mile 1: mile miles mi meile meilen 英里
foot 1: ft foot feet fuß
inch 1: inch inches zoll
yard 1: yd yards
gram 1: g gram grams gramm 克 グラム جرام
gram 1000: kg kgs kilo kilos kilogram kilograms kilogramm 公斤 千克 キログラム كيلوغرام كجم
gram .001: mg milligram milligrams milligramm 毫克 ملغ ملغم مجم
gram .000001: mcg µg μg microgram micrograms mikrogramm 微克
pound 1: lb lbs pound pounds
ounce 1: oz ounce ounces
litre 1: l liter liters litre litres litern litro litros 升 リットル لتر
litre .001: ml milliliter milliliters millilitre millilitres 毫升
byte 1: bytes
byte 1000: kb
byte 1000000: mb
byte 1000000000: gb
byte 1000000000000: tb
kibi 1: kib
kibi 1024: mib
kibi 1048576: gib
bit 1: kbps
bit 1000: mbps
bit 1000000: gbps
celsius 1: °c ℃ celsius 摄氏度
fahrenheit 1: °f ℉ fahrenheit 华氏度
degree 1: ° degrees degree grad degré degrés grado grados gradi grau graus 度
watt 1: w watt watts
watt 1000: kw
kwh 1: kwh
volt 1: v volt volts
hertz 1: hz
hertz 1000000: mhz
hertz 1000000000: ghz
speed 1: km/h kmh kph
speedmile 1: mph
percent 1: % percent pct prozent ٪ % パーセント
times 1: x times × mal fois veces 倍 次 回
usd 1: $ usd us$ dollar dollars 美元 ドル دولار
usd .01: ¢
eur 1: € eur euro euros 欧元 ユーロ يورو евро
gbp 1: £ gbp quid 英镑
cent .01: cent cents centime centimes céntimo céntimos centesimi centavos pence
inr 1: ₹ inr rupees rupee
krw 1: ₩ krw won
rub 1: ₽ rub рублей рубля руб
chf 1: chf franken francs
jpy 1: ¥ jpy yen 円 日元
cny 1: cny rmb yuan 元 人民币 块
aud 1: aud a$
cad 1: cad ca$ c$
sar 1: sar ريال
aed 1: aed درهم
"""

UNITS: dict[str, tuple[str, Decimal]] = {}
"""Unit as written, lower case, to (dimension, factor to that dimension's base)."""
for _line in _UNITS.strip().splitlines():
    _head, _names = _line.split(":", 1)
    _dimension, _factor = _head.split()
    for _name in _names.split():
        UNITS.setdefault(_name, (_dimension, Decimal(_factor)))
UNITS["business days"] = UNITS["working days"] = UNITS["business day"] = UNITS["workdays"]
UNITS["swiss francs"] = UNITS["schweizer franken"] = UNITS["chf"]
for _name in (
    "jours ouvrés", "jours ouvrables", "días hábiles", "días laborables", "dias úteis", "giorni lavorativi",
):  # fmt: skip
    UNITS[_name] = UNITS["workdays"]
UNITS["degrees celsius"] = UNITS["grad celsius"] = UNITS["degrés celsius"] = UNITS["celsius"]
for _name in ("gradi celsius", "grados celsius", "graus celsius", "grado celsius", "grau celsius"):
    UNITS[_name] = UNITS["celsius"]
UNITS["degrees fahrenheit"] = UNITS["grad fahrenheit"] = UNITS["fahrenheit"]
UNITS["per cent"] = UNITS["pour cent"] = UNITS["por ciento"] = UNITS["%"]

CURRENCY_SIGNS = ("US$", "CA$", "A$", "C$", "$", "€", "£", "¥", "₹", "₩", "₽")
CURRENCY_CODES = (
    "USD", "EUR", "GBP", "JPY", "CNY", "RMB", "CHF", "INR", "AUD", "CAD", "KRW", "RUB", "SAR", "AED",
)  # fmt: skip

_MONTHS = """
january jan januar jänner janvier enero gennaio janeiro января يناير
february feb februar février febrero febbraio fevereiro февраля فبراير
march mar märz mär mars marzo março марта مارس
april apr avril abril aprile апреля أبريل
may mai mayo maggio maio мая مايو
june jun juni juin junio giugno junho июня يونيو
july jul juli juillet julio luglio julho июля يوليو
august aug août agosto августа أغسطس
september sep sept septembre septiembre settembre setembro сентября سبتمبر
october oct oktober okt octobre octubre ottobre outubro октября أكتوبر
november nov novembre noviembre novembro ноября نوفمبر
december dec dezember dez décembre diciembre dicembre dezembro декабря ديسمبر
"""
MONTHS: dict[str, int] = {
    word: number
    for number, line in enumerate(_MONTHS.strip().splitlines(), start=1)
    for word in line.split()
}

_WEEKDAYS = """
monday mon montag lundi lunes lunedì segunda-feira понедельник الاثنين 星期一 周一 月曜日 月曜
tuesday tue tues dienstag mardi martes martedì terça-feira вторник الثلاثاء 星期二 周二 火曜日 火曜
wednesday wed mittwoch mercredi miércoles mercoledì quarta-feira среда среду الأربعاء 星期三 周三 水曜日 水曜
thursday thu thur thurs donnerstag jeudi jueves giovedì quinta-feira четверг الخميس 星期四 周四 木曜日 木曜
friday fri freitag vendredi viernes venerdì sexta-feira пятница пятницу الجمعة 星期五 周五 金曜日 金曜
saturday samstag sonnabend samedi sábado sabato суббота субботу السبت 星期六 周六 土曜日 土曜
sunday sonntag dimanche domingo domenica воскресенье الأحد 星期日 星期天 周日 日曜日 日曜
"""
_REGULAR = ("day", "tag", "woch", "di", "ado", "ingo")
"""How days end of which many take an s: on Mondays, montags, les lundis, los domingos."""
WEEKDAYS: dict[str, int] = {
    spelling: number
    for number, line in enumerate(_WEEKDAYS.strip().splitlines())
    for word in line.split()
    for spelling in ((word, f"{word}s") if word.endswith(_REGULAR) else (word,))
}

VERSIONED = (
    "version", "release", "python", "node", "java", "ruby", "php", "ios", "android", "django", "react",
    "angular", "kubernetes", "postgres", "postgresql", "mysql", "redis", "ubuntu", "macos", "go", "rust",
    "tls", "http", "gpt", "claude", "gemini", "llama", "firmware", "build",
)  # fmt: skip
"""Words before a decimal that make it a version: 3.10 is not 3.1 there."""

ZONES = tuple(
    "UTC GMT CET CEST EST EDT CST CDT MST MDT PST PDT BST IST JST AEST".split()  # noqa: SIM905
)
"""Time zones as they stand behind a time of day."""

SHARES: dict[str, tuple[int, int]] = {
    "half": (1, 2), "hälfte": (1, 2), "moitié": (1, 2), "mitad": (1, 2), "metà": (1, 2), "metade": (1, 2),
    "third": (1, 3), "drittel": (1, 3), "tiers": (1, 3), "tercio": (1, 3), "terzo": (1, 3),
    "quarter": (1, 4), "viertel": (1, 4), "quart": (1, 4), "cuarto": (1, 4), "quarto": (1, 4),
}  # fmt: skip
"""Words for a share of a whole, as numerator and denominator; only before "of" or its like."""

PARTS: dict[str, int] = {
    "thirds": 3, "quarters": 4, "fifths": 5, "sixths": 6, "sevenths": 7, "eighths": 8, "ninths": 9, "tenths": 10,
    "tiers": 3, "quarts": 4, "cinquièmes": 5, "tercios": 3, "cuartos": 4, "quintos": 5, "terzi": 3, "quarti": 4,
    "drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "siebtel": 7, "achtel": 8, "neuntel": 9, "zehntel": 10,
}  # fmt: skip
"""Parts of a whole of which there are several: four fifths, sieben Zehntel."""

_INTERVALS = """
second 3600: hourly stündlich
second 86400: daily nightly täglich quotidien quotidienne quotidiennement diario diaria diariamente giornaliero
second 604800: weekly wöchentlich hebdomadaire semanal semanalmente settimanale
second 1209600: fortnightly biweekly zweiwöchentlich
month 1: monthly monatlich mensuel mensuelle mensuellement mensual mensualmente mensile mensal
month 2: bimonthly zweimonatlich
month 3: quarter quarterly quartal vierteljährlich trimestre trimestriel trimestrielle trimestral trimestrale
month 6: semiannual semiannually biannual biannually halbjährlich semestriel semestrielle semestral
month 12: yearly annual annually jährlich annuel annuelle annuellement anual anualmente annuale
"""
INTERVALS: dict[str, tuple[str, Decimal]] = {
    word: (line.split()[0], Decimal(line.split()[1].strip(":")))
    for line in _INTERVALS.strip().splitlines()
    for word in line.split()[2:]
}
"""Words for what comes again, to the unit and how much of it lies between."""

MULTIPLES: dict[str, int] = {
    **{f"{word}fold": value for word, value in UNITS_OF_TEN.items() if 1 < value < 20 and word.isascii()},
    "doubled": 2, "doubles": 2, "tripled": 3, "triples": 3, "quadrupled": 4, "verdoppelt": 2, "verdreifacht": 3,
}  # fmt: skip
"""Words for so many times as much."""

HOURS: dict[str, int] = {"una": 1, "uma": 1, "due": 2, "tre": 3, "sei": 6}
"""Number words that are safe only before a half of the day."""

DAY_HALVES: dict[str, str] = {
    "mañana": "a", "madrugada": "a", "tarde": "p", "noche": "p", "mattino": "a", "mattina": "a",
    "pomeriggio": "p", "sera": "p", "manhã": "a", "noite": "p", "matin": "a", "soir": "p",
    "après-midi": "p", "morning": "a", "afternoon": "p", "evening": "p",
}  # fmt: skip
"""The half of the day that is named behind the hour: "seis de la tarde", "six in the evening"."""


DAY_HALVES_AFTER: dict[str, str] = {
    "vormittags": "a", "morgens": "a", "früh": "a", "nachmittags": "p", "abends": "p", "mittags": "p",
    "am vormittag": "a", "am morgen": "a", "am nachmittag": "p", "am abend": "p",
    "in the morning": "a", "in the afternoon": "p", "in the evening": "p",
}  # fmt: skip
"""The same behind "Uhr" and "o'clock"."""


LETTERED = tuple(
    """option answer choice gate section class type group vitamin hepatitis plan hall terminal
    building block grade appendix exhibit gleis lösung antwort""".split()  # noqa: SIM905
)
"""Words that a single letter follows as a name: "option B"."""
