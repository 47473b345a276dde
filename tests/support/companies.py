"""A company for the suites: small, with every kind of step, person and relation in it.

wangli (sales, of hdjx and nmg), zhaolei (sales, of bf), chen (sales head, manager), liu and he (coordination), sun
(purchasing, head), zhou (production head), wu (production), qian (warehouse head), zheng (finance head), root (admin);
contacts li (hdjx), bai (bf).
"""

from datetime import datetime

from store.book import Actor, Book
from store.company.loading import apply_company
from store.company.reading import read_company
from store.units import Units

PUMP = """
company: {name: 华东泵业, language: zh, timezone: Asia/Shanghai, currency: CNY, order_number: "SO-{yy}{mm}-{seq:04}"}
calendar: {country: CN, hours: ["09:00-12:00", "13:30-18:00"]}
departments:
  - {key: sales, name: 销售部, head: chen}
  - {key: coordination, name: 跟单部, head: liu}
  - {key: purchasing, name: 采购部, head: sun}
  - {key: production, name: 生产部, head: zhou}
  - {key: warehouse, name: 仓库, head: qian}
  - {key: finance, name: 财务部, head: zheng}
people:
  - {key: wangli, name: 王丽, aliases: [小王], department: sales, roles: [sales], manager: chen, backup: zhaolei}
  - {key: zhaolei, name: 赵磊, department: sales, roles: [sales], manager: chen}
  - {key: chen, name: 陈总, department: sales, roles: [manager]}
  - {key: liu, name: 刘敏, department: coordination, roles: [coordinator], manager: chen}
  - {key: he, name: 何静, department: coordination, roles: [coordinator], manager: chen}
  - {key: sun, name: 孙强, department: purchasing, roles: [member], manager: chen}
  - {key: zhou, name: 周强, department: production, roles: [member], manager: chen}
  - {key: wu, name: 吴刚, department: production, roles: [member], manager: chen}
  - {key: qian, name: 钱进, department: warehouse, roles: [member], manager: chen}
  - {key: zheng, name: 郑会, department: finance, roles: [finance], manager: chen}
  - {key: root, name: 管理员, roles: [admin]}
customers:
  - key: hdjx
    name: 华东机械有限公司
    aliases: [华东机械, 华东]
    salesperson: wangli
    contacts: [{key: li, name: 李工, identities: {telegram: "9001"}}]
  - {key: nmg, name: 南明港机, salesperson: wangli}
  - {key: bf, name: 北方重工, salesperson: zhaolei, contacts: [{key: bai, name: 白工}]}
products:
  - {sku: VA-200, name: A型阀, aliases: [A阀], unit: 件, price: 35, stock: 120, lead_time: 5d}
  - {sku: VB-300, name: B型阀, unit: 件, price: 80}
  - {sku: SP-1, name: 特制件}
flows:
  - key: standard
    name: 标准订单
    aliases: [普通单]
    default: true
    order_form:
      - {field: ship_to, name: 收货地址, type: text, required: true}
      - {field: packing, name: 包装, type: choice, choices: [木箱, 纸箱]}
    steps:
      - {key: review, name: 订单复核, kind: review, owner: coordination, fields: [amount, promise_date], within: 4h, public: 已接单}
      - {key: purchase, name: 采购, owner: purchasing, after: [review], when: {stock: short}, within: 3d}
      - {key: make, name: 生产, owner: production, after: [review, purchase], before_promise: 3d, public: 生产中}
      - key: ship
        name: 发货
        owner: warehouse
        before_promise: 0d
        public: 发货中
        ships: true
        form:
          - {field: carrier, name: 承运商, type: text, required: true, public: true}
          - {field: tracking, name: 运单号, type: text, required: true, public: true}
          - {field: freight, name: 运费, type: money}
      - {key: reconcile, name: 对账, owner: finance, within: 5d, form: [{field: received, name: 到账金额, type: money, required: true}]}
      - {key: aftersale, name: 售后回访, owner: salesperson, within: 7d}
    exceptions:
      - {kind: shortage, name: 缺货, words: [缺料], handler: purchasing, within: 4h, urgent: true}
  - key: quick
    name: 快单
    aliases: [急单]
    steps:
      - {key: pack, name: 打包, owner: warehouse, within: 1d, public: {zh: 打包中, en: packing}}
      - {key: send, name: 寄出, owner: warehouse, within: 1d, ships: true}
  - key: sample
    name: 样品单
    steps:
      - {key: prepare, name: 备样, owner: warehouse, within: 1d}
      - {key: send, name: 寄样, owner: warehouse, within: 1d, public: 寄样中}
"""


def load(units: Units, text: str = PUMP) -> None:
    """Load a company file into an empty book."""
    company = read_company(text)

    def work(book: Book) -> None:
        apply_company(book.session, company, now=book.now, by="root")
        book.forget_company()

    units.write(work, Actor("root"))


def at(text: str) -> datetime:
    """An aware moment, Shanghai when no offset is given."""
    return datetime.fromisoformat(text if "+" in text else f"{text}+08:00")
