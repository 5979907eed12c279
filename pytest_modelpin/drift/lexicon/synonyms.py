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
children kids
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
fast quick
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
raise throw
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
convert turn
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
center centre
gym fitness
wifi wi-fi internet
summary summarize summarise short brief
client patron
quit leave resign
refuse decline reject
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
"""

MEANING: dict[str, str] = {}
"""Word to the first word of its group. A word in several groups belongs to the first."""

GROUPS: dict[str, frozenset[int]] = {}
"""Word to all the groups that it belongs to."""

for _number, _line in enumerate(_GROUPS.strip().splitlines()):
    _words = _line.split()
    for _word in _words:
        MEANING.setdefault(_word, _words[0])
        GROUPS[_word] = GROUPS.get(_word, frozenset()) | {_number}

_PHRASES = """
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
no fee:free
no fees:free
without a fee:free
without charge:free
for free:free
a number of:many
a lot of:many
a few:some
as well as:and
in order to:to
prior to:before
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
