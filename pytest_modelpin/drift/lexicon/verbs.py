"""Common English verbs: one for another is mostly rewording, where it is not an opposite."""

from __future__ import annotations

from pytest_modelpin.drift.text.tokens import stem

_VERBS = """
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

_STEMS = frozenset(stem(verb) for verb in _VERBS.split()) | frozenset(_VERBS.split())


def is_verb(word: str) -> bool:
    """Whether a lower-case English word is, or may be, a form of a common verb."""
    return word in _STEMS or stem(word) in _STEMS
