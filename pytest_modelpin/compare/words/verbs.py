"""Common English verbs: one for another is mostly rewording, where it is not an opposite."""

from __future__ import annotations

from pytest_modelpin.compare.tokens import stem

_VERBS = """
accept access account accompany achieve acquire act add address adjust advise affect agree aim
allow announce answer appear apply appreciate approach arrange arrive ask assess assist assume
attach attempt attend attract award base become begin believe belong bring build call care carry
catch cause change charge check choose cite claim clear collect come comment commit communicate
compare complete concern conclude conduct confirm connect consider consist constitute construct
contact contain continue contribute convert convey cope cost cover create deal decide declare
define deliver demonstrate depend derive describe design detect determine develop devise direct
disclose discover discuss display distribute draw drive earn eat edit employ enable encounter
encourage end enjoy ensure enter entitle equip establish estimate evaluate examine exceed execute
exhibit exist expect experience explain explore express extend face feature feel fill find finish
fit fix follow forecast form found function gain gather generate get give go grant grow guarantee
guide handle happen have hear help highlight hit hold house identify illustrate implement improve
include indicate inform inspect install intend introduce investigate invite involve issue join
judge keep know last launch lay lead learn leave let lie list live locate look maintain make
manage manufacture mark mean measure meet mention monitor need note notice notify observe obtain
occur offer operate order organise organize originate own participate perform permit pick place
plan play point post prefer prepare present preserve press prevent proceed process produce project
promise prompt propose protect prove provide publish pull purchase pursue put raise range reach
read realise realize receive recognise recognize recommend record refer reflect regard register
relate release rely remain remember remind render repair repeat replace reply report represent
request require research reside resolve respond result retain retrieve return reveal review run
save say schedule secure see seek seem select send serve set settle share ship show sign sit solve
sound speak specify spend stand start state stay stem store stress struggle study submit suggest
suit summarise summarize supply support suppose surpass sustain take talk teach tell tend test
think touch track train transform travel treat trigger try turn undergo understand undertake
update upgrade use utilise utilize value vary verify view visit wait walk want warn watch wear
weigh win wish witness wonder work write was were been became began believed brought built bought
caught chose came cost dealt drew drove ate fell felt found gave given got gone went grew grown
had heard held kept knew known laid led learnt left lent lay lost made meant met paid put ran rose
said saw seen sold sent set shown sat spoke spoken spent stood took taken taught told thought
understood undertook wore won wrote written
"""

_STEMS = frozenset(stem(verb) for verb in _VERBS.split()) | frozenset(_VERBS.split())


def is_verb(word: str) -> bool:
    """Whether a lower-case English word is, or may be, a form of a common verb."""
    return word in _STEMS or stem(word) in _STEMS
