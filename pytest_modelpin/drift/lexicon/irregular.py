"""Forms of English words that no ending tells: took, children, better; and decision of decide."""

from __future__ import annotations

_FORMS = """
arise arose arisen
awake awoke awoken
beat beaten
become became
begin began begun
bend bent
bind bound
bite bit bitten
bleed bled
blow blew blown
break broke broken
bring brought
build built
burn burnt
buy bought
catch caught
choose chose chosen
cling clung
come came
creep crept
deal dealt
dig dug
draw drew drawn
dream dreamt
drink drank drunk
drive drove driven
eat ate eaten
fall fell fallen
feed fed
fight fought
flee fled
fly flew flown
forbid forbade forbidden
forget forgot forgotten
forgive forgave forgiven
freeze froze frozen
get got gotten
give gave given
go went gone
grow grew grown
hang hung
hear heard
hide hid hidden
hold held
keep kept
kneel knelt
know knew known
lay laid
lead led
learn learnt
lend lent
lie lay lain
lose lost
make made
mean meant
meet met
pay paid
ride rode ridden
ring rang rung
rise rose risen
run ran
say said
seek sought
sell sold
send sent
shake shook shaken
shine shone
shoot shot
show shown
shrink shrank shrunk
sing sang sung
sink sank sunk
sit sat
sleep slept
slide slid
speak spoke spoken
spend spent
spin spun
stand stood
steal stole stolen
stick stuck
strike struck
swear swore sworn
sweep swept
swell swollen
swim swam swum
swing swung
take took taken
teach taught
tear tore torn
tell told
think thought
throw threw thrown
understand understood
undertake undertook undertaken
uphold upheld
wake woke woken
wear wore worn
win won
withdraw withdrew withdrawn
withhold withheld
write wrote written
rewrite rewrote rewritten
overcome overcame
overtake overtook overtaken
oversee oversaw overseen
rebuild rebuilt
repay repaid
resell resold
undergo underwent undergone
child children
person people
see seen
foot feet
tooth teeth
mouse mice
goose geese
man men
woman women
leaf leaves
half halves
knife knives
life lives
shelf shelves
wife wives
criterion criteria
index indices indexes
appendix appendices
analysis analyses
basis bases
crisis crises
hypothesis hypotheses
bacterium bacteria
phenomenon phenomena
matrix matrices
vertex vertices
"""

_DERIVED = """
absent absence
accept acceptance
accurate accuracy
acquire acquisition
admit admission
advise advice advisory
allergic allergy allergies
analyse analyze analysis analytical
appear appearance
apply application applicant
approve approval
arrive arrival
assist assistance
assume assumption
attend attendance attendee
aware awareness
believe belief
bleed blood
breathe breath
broad breadth
carry carrier
choose choice
collide collision
compare comparison comparative
compete competition competitor competitive
comply compliance compliant
conclude conclusion
confide confidence confident confidential
confuse confusion
consume consumption
correspond correspondence
criticise criticize criticism critic
decide decision decisive
deep depth
defend defence defense defendant
deliver delivery
deny denial
depart departure
depend dependence dependent dependency
describe description descriptive
destroy destruction destructive
die death dead
differ difference different
disappear disappearance
discover discovery
divide division
emerge emergence
emit emission
enter entry entrance
erode erosion
evaporate evaporation
exceed excess excessive
exclude exclusion exclusive
exist existence
expand expansion
expire expiry expiration
explain explanation
explode explosion explosive
extend extension
fail failure
fly flight
fulfil fulfilment fulfill fulfillment
grow growth
guide guidance
heat hot
high height
identify identification identity
ignite ignition
include inclusion inclusive
inherit inheritance
insist insistence
insure insurance insurer
introduce introduction introductory
invade invasion
invite invitation
know knowledge
licence license
lend loan
live life alive
long length lengthen
lose loss
maintain maintenance
marry marriage
measure measurement
modify modification
multiply multiplication
negotiate negotiation
notify notification
obey obedience
occur occurrence
omit omission
oppose opposition
perform performance
permit permission
persist persistence persistent
persuade persuasion
pay payment
please pleasure
poor poverty
precise precision
prefer preference
proceed procedure
produce production product productive
prove proof
provide provision
pursue pursuit
rapid rapidity
react reaction
real reality
receive receipt recipient reception
recover recovery
reduce reduction
refer reference referral
refuse refusal
relieve relief
rely reliance reliable reliability
remain remainder
remove removal
renew renewal
reply replies
require requirement
rescind rescission
resist resistance resistant
resolve resolution
respond response respondent responsive
retain retention
reveal revelation
revise revision
sad sadness
safe safety
satisfy satisfaction satisfactory
secure security
sell sale
severe severity
short shorten shortage
simple simplify simplicity
solve solution
speak speech spokesperson
store storage
strong strength strengthen
submit submission
subscribe subscription subscriber
succeed success successful
suffice sufficient
suggest suggestion
suspend suspension
sustain sustainable
tend tendency
think thought
transmit transmission
treat treatment
true truth
try tries tried
use usage
vary variety variation
verify verification
violate violation
warm warmth
wide width widen
young youth
"""


def _read(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        base, *forms = line.split()
        for form in forms:
            found.setdefault(form, base)
    return found


INFLECTED: dict[str, str] = _read(_FORMS)
"""An irregular form to its base: took to take, children to child."""

_QUALITIES = """
frequent urgent pregnant efficient deficient sufficient consistent transparent fluent dependent
independent important present violent silent intelligent confident convenient competent vacant
dominant relevant significant tolerant elegant distant resident prudent evident redundant buoyant
"""


def _qualities() -> dict[str, str]:
    """Nouns such as frequency and importance, by the adjectives they are made of."""
    return {
        quality[:-1] + ending: quality for quality in _QUALITIES.split() for ending in ("ce", "cy")
    }


DERIVED: dict[str, str] = _qualities() | _read(_DERIVED)
"""A noun or adjective to the word it is made of: decision to decide, length to long."""
