"""Words that answers use for one another. A line is one meaning; `_` stands for a space."""

from __future__ import annotations

_GROUPS = """
buy purchase acquire order
big large huge sizeable
small little tiny compact
quick fast rapid swift speedy prompt promptly immediately instantly instant asap
begin start commence initiate launch
end finish conclude terminate complete completed finalize finalise done
help assist aid support assistance
send ship dispatch deliver forward mail delivery shipping shipment shipped sent dispatched delivered
arrive reach come land arrival
receive get obtain got
show display present demonstrate reveal illustrate
choose select pick opt
use utilize utilise employ
make create produce build generate construct
fix repair resolve solve mend correct remedy
error mistake bug fault issue problem trouble
answer reply response respond
ask request inquire enquire query
tell inform notify advise let_know
say state mention note indicate
explain describe clarify outline
change modify alter adjust update edit amend revise
remove delete erase eliminate drop
add append include attach insert
keep retain maintain preserve hold
stop halt cease discontinue
restart reboot relaunch
cancel revoke void annul cancellation
refund reimburse reimbursement repay
money funds cash
price cost fee charge rate
cheap inexpensive affordable
expensive costly pricey
free complimentary gratis
customer client buyer shopper
company firm business organization organisation enterprise corporation
employee worker staff personnel
doctor physician clinician
drug medicine medication medicament
illness disease sickness condition
movie film picture
car automobile vehicle auto
house home residence dwelling
job work role position occupation
child kid youngster
child children kids
person individual human
people persons individuals folks
man guy gentleman
woman lady
picture image photo photograph
document file paper record
email e-mail mail message
phone telephone call mobile
web internet online site website webpage
address location place site
city town municipality
country nation state
area region zone district
important crucial vital essential key significant critical
necessary needed required mandatory compulsory obligatory
need require must
enough sufficient adequate
easy simple straightforward effortless
hard difficult challenging tough tricky
good great excellent fine nice wonderful fantastic superb outstanding
bad poor terrible awful dreadful
happy glad pleased delighted
sad unhappy sorrowful
beautiful lovely pretty attractive gorgeous
smart clever intelligent bright
funny amusing humorous
strange odd weird unusual
near close nearby adjacent
far distant remote
old aged ancient elderly
new recent fresh latest novel
modern contemporary
rich wealthy affluent
true accurate right correct
wrong incorrect mistaken inaccurate
sure certain confident
probably likely presumably
maybe perhaps possibly
often frequently regularly
sometimes occasionally
usually generally typically normally commonly
about approximately around roughly circa nearly almost
exactly precisely
because since as due_to owing
so therefore thus hence consequently
but however yet although though nevertheless
also too additionally moreover furthermore
before prior previous earlier
after following afterwards subsequently later
during throughout while
now currently presently
again once_more anew
many numerous several multiple various
whole entire complete full total
part portion piece section segment component
type kind sort category class
way method approach manner technique
idea concept notion
goal aim objective purpose target
result outcome consequence effect
reason cause
improve enhance boost upgrade better
increase rise grow raise climb growth grew rose
decrease reduce lower decline fall drop shrink diminish cut fell
grow expand
look see view watch observe
find locate discover
search look_for seek
think believe consider feel
know understand comprehend
learn study
teach instruct train
try attempt
give provide offer supply grant
allow permit enable let
prevent avoid block
protect secure safeguard guard
check verify confirm validate ensure
test examine inspect
contact reach_out get_in_touch
talk speak chat discuss
meeting appointment session
travel journey trip voyage
visit tour
leave depart exit departure
return come_back
move shift transfer relocate
stay remain
live reside dwell inhabit
eat consume ingest
drink sip
sleep rest
walk stroll
run operate execute
happen occur
contain comprise consist hold
need want
own possess have
join connect link attach
split divide separate
close shut
open unlock
calculate compute determine
count tally
number quantity amount sum figure
store save keep
shop store outlet
throw raise
function method routine procedure
variable parameter argument
list array
code program script
computer machine pc
device gadget appliance
app application software program
feature capability functionality
user member
account profile
password passcode credentials
login sign_in log_in
settings preferences options configuration
screen display monitor
button control
page screen
warranty guarantee
contract agreement
law legislation statute
lawyer attorney counsel solicitor
court tribunal
tenant renter lessee
landlord lessor owner
rent lease
pay settle remit paid payment
bill invoice
bank institution
loan credit
debt liability
profit earnings gain income revenue
loss deficit
share stock equity
invest put
trade exchange swap
tax levy duty
yearly annual annually
monthly per_month
weekly per_week
daily per_day
package parcel box
item product article goods
bag luggage baggage suitcase
flight plane
train railway
hotel accommodation lodging
room chamber
booking reservation
book reserve
ticket pass
guest visitor
breakfast morning_meal
meal dish
restaurant eatery diner
dinner supper
weather climate
rain shower precipitation
sunny clear
warm mild
cold chilly cool
wind breeze
capital seat
river stream
road street way
university college
school academy
student pupil learner
author writer novelist
write compose pen wrote written
book novel title
paint painted
found established founded
born birth
die died pass_away
win won
famous renowned well-known celebrated noted
leader head chief
boss manager supervisor
team group crew
member participant
rule regulation policy guideline
plan scheme strategy
project undertaking
task assignment job duty
step stage phase
deadline due
urgent pressing
delay postpone defer delayed late
hurry rush
wait hold
late overdue
early ahead
safe secure harmless
dangerous hazardous unsafe risky harmful
pain ache discomfort
headache migraine
fever temperature
doctor's physician's
hospital clinic
treat cure heal
take consume swallow
dose dosage
daily everyday
tablet pill
symptom sign
healthy well
tired exhausted fatigued
apologize apologise sorry regret apology apologies
thank thanks grateful appreciate
hello hi hey greetings
bye goodbye farewell
inconvenience trouble
concern worry
complaint grievance
quality standard
damaged broken defective faulty
missing lost absent
replace substitute exchange replacement
manual guide handbook instructions
summary overview recap synopsis
conclusion ending
detail particular specific
example instance sample
compare contrast
different distinct
same identical equal
similar alike comparable
opposite reverse
main primary principal chief major central
extra additional further more
final last ultimate
first initial
next following subsequent upcoming
previous prior former earlier
current present existing
future upcoming
available accessible obtainable
valid effective
active enabled running
data information info details
report statement account
message notification alert
warning caution alert
update refresh
download fetch
upload post
install set_up setup
crash fail failure
hang freeze
slow sluggish
memory ram
press click tap hit
enter type input
visible shown
empty blank vacant
duplicate copy
sort order arrange rank
filter screen
merge combine join unite
loop iterate iteration
returns yields gives
convert transform translate turn
support handle
request call
server host
team squad
green eco-friendly
carbon emissions
heat warmth
light illumination
energy power
water h2o
plants plant vegetation
sun sunlight solar
produce yield
soil ground earth
tree trees
animal creature
dog hound canine
cat feline
sea ocean
hill mountain
center centre middle
edge border
top peak summit
bottom base
inside within
outside beyond
between among
upon on
via through
per each every
whether if
require call_for
approve accept authorize authorise
reject decline refuse deny
agree consent
disagree dissent
win triumph
lose forfeit
teach educate
hire recruit employ
fire dismiss
sell vend
gather collect assemble
distribute hand_out
limit cap restrict maximum restriction
increase surge jump
strong robust powerful sturdy
weak feeble
brave courageous
calm peaceful quiet
angry furious mad
loud noisy
clean tidy
dirty filthy
cooperation collaboration partnership
announce declare proclaim
suggest recommend propose
prefer favor favour
hate despise
love adore
turn switch power
opposite across facing
available free vacant
plan intend aim plans intends
work compatible function operate
beside next adjacent alongside
unfortunately sadly regrettably
luckily fortunately happily
register enrol enroll subscribe
submit send hand_in
perform execute conduct accomplish
depend rely
mention note cite
speed pace velocity
popular beloved
simple simplicity
fit suitable suited appropriate proper
cover include encompass
injured hurt wounded injuries injury
accident crash collision
expect anticipate await estimate
estimated expected approximate projected
offer provide feature features include includes have has
locate situate situated located find found lie lies
serve feed
last take require
cause lead result trigger
affect influence impact
amount total sum come
begin opens open start
assign allocate
attach enclose
valuable precious
advantage benefit upside
disadvantage drawback downside
notice observe spot
obtain gain acquire
hide conceal
permit authorization authorisation permission
refill replenish
weigh weight
height tall high
length long
width wide
depth deep
author creator
discover identify detect
reschedule move postpone shift
accelerate speed
activate active enable
neighbor neighbour
color colour
gym fitness
wifi wi-fi internet
summary summarize summarise short brief
client patron
quit leave resign
wish want desire hope
kaufen erwerben
versuchen probieren
erneut nochmals wieder nochmal
betragen liegen belaufen beträgt liegt beläuft
erfolgen geschehen
benötigen brauchen benötigt braucht
informieren benachrichtigen mitteilen
prüfen überprüfen kontrollieren
überweisen zahlen bezahlen
kündigen beenden stornieren
ungefähr etwa circa rund zirka
sofort umgehend unverzüglich gleich
stets immer jederzeit
zusätzlich außerdem weiterhin
auch ebenfalls ebenso
nutzen verwenden benutzen gebrauchen
speichern sichern
verfügen haben besitzen
tarda demora toma
schnell rasch zügig
beginnen anfangen starten
beenden abschließen
groß riesig
klein winzig
helfen unterstützen
senden schicken versenden verschickt versandt gesendet versendet
ankommen eintreffen ankunft
erhalten bekommen
preis kosten
kostenlos gratis kostenfrei
kunde käufer
auto wagen fahrzeug
arzt mediziner doktor
medikament arznei arzneimittel
bestellung auftrag
paket sendung lieferung
rechnung faktura
rückerstattung erstattung rückzahlung
ändern anpassen
löschen entfernen
fehler problem
antwort rückmeldung
zeigen anzeigen
wählen auswählen
wichtig wesentlich
wohnung appartement
acheter acquérir
rapide vite rapidement
commencer débuter
commande achat
colis paquet livraison envoi
envoyer expédier expédié envoyé
remboursement
gratuit offert
voiture automobile
médecin docteur
médicament remède
bring carry fetch
wake awaken
handle manage process deal tackle address
happen take_place
obtain secure procure
reach attain achieve accomplish
try attempt endeavour endeavor strive
rise climb soar
fall plunge slump tumble
shrink contract dwindle
triple threefold
speed accelerate hasten quicken
hinder hamper impede obstruct
strengthen reinforce fortify bolster
weaken undermine
assess evaluate appraise gauge judge
examine inspect scrutinise scrutinize investigate study
monitor track trace
supervise oversee
rule govern reign
guess suppose presume assume suspect
demonstrate prove
doubt question
claim argue assert contend maintain allege
emphasise emphasize stress highlight underline underscore
criticise criticize condemn denounce
praise commend applaud laud
blame accuse
admit acknowledge concede confess
deny dispute contest challenge
permit licence license
ban prohibit forbid outlaw
demand insist
urge encourage
persuade convince
warn caution alert
threaten menace
attack assault
defend shield
destroy demolish ruin wreck
damage harm impair hurt
injure wound
kill slay
rescue save
escape flee
hide conceal mask
reveal disclose divulge expose uncover
search hunt seek
discover unearth
invent devise
design plan
construct erect
assemble build
dismantle disassemble
repair mend restore
clean wipe cleanse
wash rinse launder
cook prepare
boil simmer
chop dice mince
cool chill refrigerate
fridge refrigerator
freezer freeze
oven stove
bowl dish
dough batter
seasoning spices
tasty delicious flavourful flavorful
flavour flavor taste
raw uncooked
leftover leftovers remaining
vegetable veggie veggies vegetables
beef steak
soak steep
melt thaw defrost
pour tip
slice cut
fluffy airy
expire lapse
renew extend prolong
shorten abbreviate
abandon drop scrap
pause suspend
resume continue proceed
repeat reiterate
skip omit
ignore disregard overlook
replace swap substitute
switch change
adapt adjust tailor customise customize
separate split divide detach disconnect
connect attach link plug
unplug disconnect
fasten fix tighten
loosen slacken
pull drag tug
lift raise hoist
turn rotate spin
throw toss fling
catch capture
grab grasp grip
wear dress
purchase bought
spend expenditure spending outlay
earn earnings
wage salary pay
owe indebted
borrow borrowing
lender creditor
discount rebate reduction
refund moneyback
balance remainder
surcharge supplement
vendor seller supplier provider
retailer merchant trader
manufacturer maker producer
founder creator
investor backer
competitor rival
budget funds
bankrupt insolvent
quarter trimester
revenue turnover sales
expense cost expenditure
headquarters hq
branch outlet
merger takeover acquisition
launch unveil introduce
dismiss fire sack
retire pension
colleague coworker co-worker
boss superior
candidate applicant
interview conversation
skill ability expertise
training instruction
holiday vacation
sick ill unwell
vaccine vaccination jab
injection shot
surgery operation
nurse nursing
patient sufferer
disease disorder ailment
infection infected
allergy allergic
rash irritation
cough coughing
nausea sick queasy
vomit vomiting
diarrhoea diarrhea
dizzy dizziness lightheaded light-headed
drowsy sleepy drowsiness
swollen swelling
bleed bleeding
blood-pressure hypertension
kidney renal
lung pulmonary
brain cerebral
skin dermal
stomach belly abdomen
pregnant expecting pregnancy
infant baby newborn
elderly senior seniors
overweight obese
diet nutrition
workout exercise training
medication drugs
painkiller analgesic
prescription prescribed
pharmacist chemist
pharmacy drugstore
ambulance emergency
judge magistrate
verdict ruling judgment judgement
appeal appealed
plaintiff claimant
defendant accused
guilty convicted
sentence punishment penalty
prison jail gaol
crime offence offense
theft stealing
fraud deception
evidence proof
witness testimony
clause provision
void invalid null
breach violation infringement
liability responsibility
damages compensation
obligation duty
entitled eligible
heir beneficiary
tenant occupant
premises property
eviction evict
notice notification
parliament legislature
government administration authorities
election vote poll
citizen national
tax taxes taxation
immigrant migrant
border frontier
war conflict
army military troops
peace truce
treaty pact accord
ally partner
enemy foe
empire realm
revolution uprising revolt
ancient historic
ruins remains
castle fortress
church chapel
bridge crossing
harbour harbor port
airport airfield
aircraft plane airplane aeroplane
ship vessel boat
lorry truck
bicycle bike cycle
motorcycle motorbike
underground subway metro tube
tram streetcar
petrol gasoline gas fuel
motorway highway freeway
road lane
pavement sidewalk
roundabout rotary
traffic congestion
fare ticket
timetable schedule
itinerary route
passport id
flat apartment
garden yard
bathroom restroom toilet
sofa couch settee
bin dustbin
tap faucet
torch flashlight
battery cell
socket outlet
cable cord lead
charger charging
keyboard keys
laptop notebook
smartphone handset
headphones earphones earbuds
loudspeaker speaker
router modem
network net
browser chrome
folder directory
backup back-up copy
restore recover
install installation
uninstall remove
crash abort
bug defect
fix patch
release version
deploy deployment rollout
rollback revert undo
commit check-in
repository repo
dependency dependencies
library package module
framework toolkit
string text
integer int
boolean bool
dictionary dict map
recursion recursive
exception error
log record
debug debugging troubleshoot
compile build
database db datastore
query lookup
row record entry
column field
schema structure
encrypt encryption
authentication login
administrator admin
privilege permission
firewall filter
virus malware
hacker attacker
spam junk
newsletter mailing
subscriber member
upload send
attachment enclosure
link url hyperlink
menu dropdown
tab pane
icon symbol
default standard preset
option choice alternative
setting preference configuration
username user-name
feedback comments
review rating
star rating
survey poll questionnaire
respondent participant
average mean
median middle
majority most
minority few
percentage share proportion
trend tendency
forecast prediction projection outlook
prediction forecast predict
probability likelihood odds chance
chance opportunity
risk danger hazard
threat danger
certainty sureness
mistake slip
accuracy precision
reliable dependable trustworthy
durable robust lasting long-lasting
flexible adaptable versatile
efficient effective
powerful potent
fragile delicate breakable
heavy weighty
thick dense
thin slim
wide broad
narrow tight
deep profound
shallow superficial
steep sharp
smooth sleek
rough coarse
wet damp moist soaked
dry arid
hot scorching
cold freezing icy
sunny bright
cloudy overcast
snow snowfall snowy
storm tempest
wind windy gust
fog mist
flood flooding
drought dryness
earthquake quake tremor
volcano volcanic
forest woods woodland
desert wilderness
island isle
coast shore seaside shoreline
beach seaside
lake pond
planet world
moon lunar
galaxy milky
space universe cosmos
gravity gravitation
electricity electric electrical
wave ripple
atom atomic
molecule molecular
cell cellular
gene genetic
species kind
evolution evolve
bacteria germ germs microbe microbes
bird avian
insect bug
flower blossom bloom
seed kernel
root roots
leaf foliage
fruit fruits
farmer grower
farm agriculture
fertiliser fertilizer manure
scientist researcher
research study studies
experiment trial test
theory hypothesis
discovery finding
article paper
chapter section
poet poetry
story tale narrative plot
hero protagonist
villain antagonist
actor performer
director filmmaker
song tune
singer vocalist
band group
concert gig
painting picture canvas
painter artist
sculpture statue
museum gallery
exhibition show
audience spectators viewers
fan supporter
game match
player athlete
coach trainer
team side
victory win triumph
defeat loss
champion winner
tournament championship contest
medal prize award
score points
train practise practice
teacher instructor tutor educator
lesson class
exam examination test
grade mark
homework assignment
degree diploma
scholarship grant
university uni
knowledge understanding
language tongue
word term
meaning sense
sentence phrase
translate translation
grammar syntax
spelling orthography
accent pronunciation
mother mum mom
father dad
brother sibling
husband spouse
wife spouse
wedding marriage
friend pal buddy mate
stranger unknown
crowd mob
party celebration
gift present
birthday anniversary
holiday festival
tradition custom
habit routine
hobby pastime
belief faith
religion faith
memory recollection
dream vision
thought idea
opinion view viewpoint
attitude stance
emotion feeling
joy happiness
fear dread
anger rage fury
sorrow grief
surprise astonishment
shame embarrassment
pride proud
hope optimism
trust confidence
respect esteem
anxious nervous worried
confused puzzled
bored boring dull tedious
excited thrilled
surprised astonished amazed
satisfied content pleased
disappointed let-down
frustrated annoyed
lonely alone
polite courteous
rude impolite
honest truthful sincere
loyal faithful
lazy idle
hardworking diligent
careful cautious
careless negligent
patient tolerant
generous giving
selfish egoistic
friendly kind amiable
hostile unfriendly
helpful useful beneficial
useless pointless
harmless innocuous
toxic poisonous
legal lawful
illegal unlawful
official formal
casual informal
private personal
global worldwide international
foreign overseas
rural countryside
urban city
typical characteristic
unique singular one-of-a-kind
rare uncommon scarce
frequent common
sudden abrupt
gradual progressive gradually
constant continuous steady
temporary interim provisional
permanent lasting
immediate instant
eventual ultimately eventually finally
recently lately
shortly soon
meanwhile simultaneously
forever permanently
seldom rarely infrequently
hardly barely scarcely
completely entirely fully totally wholly
partly partially
mainly mostly primarily chiefly largely predominantly
especially particularly notably
slightly somewhat
considerably significantly substantially markedly
obviously clearly evidently
apparently seemingly
surprisingly unexpectedly
deliberately intentionally
accidentally unintentionally inadvertently
jointly together
separately individually apart
besides moreover
nevertheless nonetheless
otherwise else
thanks owing
despite notwithstanding
regarding concerning
against versus
amid among
toward towards
irreversible irrevocable
reversible undoable
unlimited unrestricted boundless
overview outline
hint tip pointer
trick knack
advice recommendation guidance
principle rule
requirement prerequisite
condition term
criterion standard
restriction limitation constraint
barrier obstacle hurdle
difficulty challenge
crisis emergency
shortage lack scarcity
surplus excess
abundance plenty
supply stock inventory
demand need
load burden
pressure strain
force strength
motion movement
direction way
distance range
surface area
volume capacity
weight mass
size dimension dimensions
shape form
pattern design
colour hue
smell odour odor scent
touch contact
sight view
appearance look
photo snapshot
map chart
graph chart diagram
sign symbol
label tag
title heading
signature signed
letter note
envelope packet
stamp postage
courier carrier
warehouse depot
shelf rack
basket cart trolley
until till
receipt proof-of-purchase
coupon voucher
counter desk
staff team
helpdesk hotline
operator agent
representative agent rep
founder cofounder
volunteer unpaid
charity nonprofit non-profit
donation contribution
donate contribute
fundraiser fundraising
shelter refuge
homeless roofless
poor impoverished
poverty hardship
wealth riches
luxury luxurious
bargain deal
worth value
worthwhile valuable
meet satisfy fulfil fulfill
honour honor
exceed surpass outstrip top
equal match
belong pertain
concern involve
depend hinge
differ vary
resemble look-like
seem appear
become turn
last endure
survive outlive
vanish disappear
emerge surface
spread distribute
scatter disperse
flow stream
leak seep
drip trickle
burn scorch
explode burst
shine glow
float drift
sink submerge
swim bathe
climb ascend
jump leap
crawl creep
wander roam
follow trail
guide steer
park parked
steer drive
overtake pass
collide crash
double twice twofold
mix stir blend whisk
rubbish trash garbage
"""

MEANING: dict[str, str] = {}
"""Word to the first word of its group. A word in several groups belongs to the first."""

GROUPS: dict[str, frozenset[int]] = {}
"""Word to all the groups that it belongs to."""

for _number, _line in enumerate(_GROUPS.strip().splitlines()):
    _words = _line.split()
    _meant = MEANING.get(_words[0], _words[0])
    for _word in _words:
        MEANING.setdefault(_word, _meant)
        GROUPS[_word] = GROUPS.get(_word, frozenset()) | {_number}

_PHRASES = """
off limits:forbidden
let you know:tell
let us know:tell
get in touch:contact
reach out:contact
sign in:login
log in:login
set up:install
look for:search
due to:because
as soon as possible:quick
right away:quick
straight away:quick
on its way:send
on the way:send
free of charge:free
at no cost:free
no fee:free
no fees:free
without a fee:free
at no charge:free
no charge:free
no extra cost:free
no additional cost:free
no cost:free
without charge:free
for free:free
a number of:many
a lot of:many
a few:some
as well as:and
in order to:to
prior to:before
apart from:except
aside from:except
except for:except
with the exception of:except
take place:happen
takes place:happen
took place:happen
find out:discover
turn off:deactivate
switch off:deactivate
turn on:activate
switch on:activate
shut down:stop
per day:daily
each day:daily
every day:daily
once a day:daily
once daily:daily
a day:daily
per week:weekly
each week:weekly
every week:weekly
once a week:weekly
per month:monthly
each month:monthly
every month:monthly
once a month:monthly
per year:yearly
each year:yearly
every year:yearly
once a year:yearly
per hour:hourly
every hour:hourly
make sure:check
at least:minimum
no less than:minimum
not less than:minimum
at most:maximum
no more than:maximum
not more than:maximum
up to:maximum
no later than:by
not later than:by
not only:also
failed to:not
fails to:not
fail to:not
in stock:available
united states of america:usa
united states:usa
united kingdom:uk
european union:eu
united nations:un
new york city:nyc
los angeles:la
world war ii:ww2
second world war:ww2
world war i:ww1
first world war:ww1
back in stock:available
out of stock:unavailable
sold out:unavailable
around the clock:always
at the moment:now
at this time:now
right now:now
got back:return
get back:contact
in addition:also
make use of:use
makes use of:use
is able to:can
are able to:can
be able to:can
has to:must
have to:must
needs to:must
need to:must
is required to:must
are required to:must
in case:if
provided that:if
as long as:if
even though:although
in spite of:despite
rely on:depend
relies on:depend
carry out:perform
carried out:perform
point out:mention
fill out:complete
fill in:complete
hand in:submit
log out:logout
take out:remove
do not forget:remember
keep away from:avoid
stay away from:avoid
keep out of:avoid
out of the reach of:not reach
forgot to:not
forget to:not
never forget:remember
takes out:remove
put back:return
sign out:logout
sign up:register
give back:return
hand back:return
send back:return
bring back:return
go back:return
come back:return
set off:leave
put off:postpone
call off:cancel
called off:cancel
look into:investigate
look after:care
take care of:care
take off:remove
taken off:remove
get rid of:remove
cut down:reduce
cut back:reduce
go up:increase
goes up:increase
went up:increase
gone up:increase
go down:decrease
goes down:decrease
went down:decrease
gone down:decrease
bring down:decrease
brings down:decrease
speed up:accelerate
slow down:slow
slows down:slow
give up:abandon
gave up:abandon
bring up:mention
come up with:devise
came up with:devise
figure out:discover
work out:calculate
make up:constitute
makes up:constitute
made up of:consist
consists of:consist
consist of:consist
run out of:exhaust
ran out of:exhaust
break down:fail
broke down:fail
breaks down:fail
take part:participate
takes part:participate
took part:participate
take over:acquire
took over:acquire
take on:hire
took on:hire
pick up:collect
picked up:collect
drop off:deliver
hand over:give
pass on:forward
pass away:die
passed away:died
set aside:reserve
give off:release
gives off:release
turn into:convert
turns into:convert
turned into:convert
change into:convert
stand for:mean
stands for:mean
refer to:mean
result in:cause
results in:cause
resulted in:cause
lead to:cause
leads to:cause
led to:cause
bring about:cause
give rise to:cause
account for:explain
because of:because
owing to:because
on account of:because
thanks to:because
as a result of:because
by means of:via
with the help of:via
with regard to:about
in regard to:about
in terms of:about
in advance of:before
following on from:after
in the course of:during
in the event of:if
in the event that:if
on condition that:if
providing that:if
so long as:if
on the condition that:if
in exchange for:exchange
in charge of:manage
responsible for:manage
in favour of:support
in favor of:support
at present:now
these days:now
for the time being:now
for now:now
at that time:then
back then:then
in the past:formerly
in the long run:eventually
in the end:finally
at last:finally
at the end:finally
to begin with:first
first of all:first
at first:first
from time to time:sometimes
now and then:sometimes
every now and then:sometimes
at times:sometimes
most of the time:usually
as a rule:usually
in general:usually
on the whole:usually
by and large:usually
all over the world:worldwide
around the world:worldwide
throughout the world:worldwide
across the globe:worldwide
all around:around
close to:near
next to:beside
be aware of:know
is aware of:know
are aware of:know
keep in mind:remember
bear in mind:remember
do not forget to:remember
have a look:look
take a look:look
have access to:access
has access to:access
gain access to:access
make a decision:decide
makes a decision:decide
reach a decision:decide
make a choice:choose
make changes to:change
make a change:change
make a payment:pay
make use:use
makes use:use
put to use:use
put in place:introduce
put into place:introduce
place an order:order
placed an order:order
give permission:permit
get permission:permission
have the right to:may
has the right to:may
be entitled to:may
is entitled to:may
are entitled to:may
are allowed to:may
is allowed to:may
is permitted to:may
are permitted to:may
have got to:must
is obliged to:must
are obliged to:must
is to be:must
are to be:must
should be:should
ought to:should
be supposed to:should
is supposed to:should
are supposed to:should
is going to:will
are going to:will
is about to:will
is unable to:can not
are unable to:can not
be unable to:can not
is not able to:can not
are not able to:can not
is incapable of:can not
not until:after
as yet:yet
so far:yet
up to now:yet
up until now:yet
until now:yet
to date:yet
in total:total
all in all:summary
all together:total
a great deal of:many
plenty of:many
lots of:many
loads of:many
a large number of:many
a wide range of:various
a variety of:various
a range of:various
a handful of:few
the majority of:most
most of the:most
a majority of:most
the same as:same
just as:as
such as:like
for example:like
for instance:like
in other words:mean
that is to say:mean
in short:summary
in brief:summary
in summary:summary
to sum up:summary
to summarise:summary
to summarize:summary
on top of that:also
what is more:also
not to mention:also
along with:and
together with:and
on the other hand:but
in contrast:but
by contrast:but
on the contrary:but
having said that:but
that said:but
even so:but
all the same:but
at any time:always
any time:always
at all times:always
day and night:always
round the clock:always
twenty-four hours a day:always
not at all:not
above all:mainly
more time:longer
less time:shorter
on a daily basis:daily
on a weekly basis:weekly
on a monthly basis:monthly
on a regular basis:often
on a yearly basis:yearly
on an annual basis:yearly
per annum:yearly
a month:monthly
a week:weekly
a year:yearly
by hand:manually
by mistake:accidentally
on purpose:deliberately
in person:personally
on site:onsite
by yourself:alone
on your own:alone
by itself:alone
on its own:alone
on their own:alone
on foot:walk
by car:drive
by train:rail
by bus:bus
by plane:flight
by air:flight
by email:email
via email:email
by e-mail:email
by mail:mail
by post:mail
by phone:phone
over the phone:phone
by telephone:phone
in writing:written
in the fridge:refrigerated
room temperature:ambient
carbon dioxide:co2
mobile phone:phone
cell phone:phone
smart phone:phone
web site:website
web page:page
user name:username
on line:online
data base:database
operating system:os
text message:sms
text messages:sms
health care:healthcare
high blood pressure:hypertension
heart attack:infarction
side effect:side-effect
side effects:side-effect
"""

PHRASES: dict[str, str] = dict(line.split(":") for line in _PHRASES.strip().splitlines())
"""Several words that mean as much as one."""

CJK_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(line.split())
    for line in """
成立 创立 创办 建立 创建
支持 接受 可
功能 特性
冷 寒冷
享受 享有
尽快 尽早 立即
申请 请求
处理 办理
支付 付款 缴费
关闭 停用
打开 开启
登录 登陆
密码 口令
下载 获取
查看 查询 浏览
修理 维修
場合 方 とき 際
发货 寄出 发出 寄送 发送 发运 已发货 已寄出
购买 买 选购 采购
快 迅速 快速 尽快 立即 马上 立刻
开始 启动 着手
结束 完成 完毕
帮助 协助 帮忙
收到 接收 获得 得到
选择 挑选 选取
使用 利用 采用 用
问题 故障 错误
客户 顾客 用户 您
费用 价格 收费 金额
免费 无需付费 不收费
非常 很 十分 特别 相当
大约 大概 约 左右 将近
因为 由于
但是 但 不过 然而
所以 因此 因而
位于 在 坐落于 地处
包括 包含 含有
需要 须 必须 要 需
可以 能 能够 可
会 将 将会
是 为 乃
联系 联络
更改 修改 变更
删除 移除
医生 大夫
药物 药品 药
电影 影片
汽车 车辆 车
城市 都市
重要 关键
请 麻烦
送达 到达 抵达 送到
订单 订购
退款 退费
注文 オーダー
発送 出荷 発送済み
到着 お届け 届き 届く
購入 買う お買い上げ
無料 タダ
開始 スタート
終了 完了
お客様 顧客
利用 使い 使え 使用 使う
確認 チェック
変更 修正
方法 やり方
連絡 問い合わせ
可能 できます でき
次 以下
受け取 受領
です である だ
します いたします 致します
""".strip().splitlines()
)
"""For scripts without spaces: runs of characters that answers use for one another."""
