"""Words and phrases that answers use for one another.

`synonyms.txt` has one meaning a line, of which a word that stands alone keeps to itself;
`phrases.txt` has several words that mean as much as one, and behind a colon that one.
"""

from __future__ import annotations

from pathlib import Path

from pytest_modelpin.files import real_files


def _lines(name: str) -> list[str]:
    with real_files():
        return Path(__file__).with_name(name).read_text("utf-8").splitlines()


MEANING: dict[str, str] = {}
"""Word to the first word of its group. A word in several groups belongs to the first."""

GROUPS: dict[str, frozenset[int]] = {}
"""Word to all the groups that it belongs to."""

for _number, _line in enumerate(_lines("synonyms.txt")):
    _words = _line.split()
    _meant = MEANING.get(_words[0], _words[0])
    for _word in _words:
        MEANING.setdefault(_word, _meant)
        GROUPS[_word] = GROUPS.get(_word, frozenset()) | {_number}

PHRASES: dict[str, str] = dict(line.split(":") for line in _lines("phrases.txt"))
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
