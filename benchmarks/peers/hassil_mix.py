"""hassil: the same kinds of messages recognised with 200 sentence templates and 100 customers. `hassil_mix.py COUNT`."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from workload import messages, short_names

CUSTOMERS = 100
ASKS = ("到哪了", "什么状态", "进度怎么样", "到哪一步了", "发货了吗", "做完了吗", "谁在跟", "什么时候到", "还要多久", "有没有延误")  # fmt: skip
ACTS = ("已发货", "已付定金", "已验货", "已打样", "已下单", "已入库", "已报关", "已开票", "已收款", "已完成")
UNITS = ("件", "个", "套", "箱", "台", "只", "吨", "米", "卷", "批")
LISTS = ("逾期", "今天到期", "本周到期", "未发货", "未付款", "待验货", "我的", "延误", "进行中", "已完成")


def templates() -> dict[str, list[str]]:
    """Two hundred: where is it, mark it, new orders, lists; postponing is none of them, as in the peer's own set."""
    asked = ("[请问|帮我查一下|查]", "[现在]"), ("[麻烦]看[一]下", "[目前]"), ("[我想知道]", "[今天]"), ("[你好]", "[到底]"), ("[急]", "[究竟]")  # fmt: skip
    found: dict[str, list[str]] = {}
    for place, (before, between) in enumerate(asked):
        found[f"where{place}"] = [f"{before}(订单|单子|单号){{order}}{between}{words}" for words in ASKS]
    for place, verb in enumerate(("[更新]", "[登记]", "[备注]", "[标记]", "[记一下]")):
        found[f"done{place}"] = [f"{verb}(订单|单子){{order}}{act}" for act in ACTS]
    for place, verb in enumerate(("新建", "录入", "下", "登记", "开")):
        found[f"new{place}"] = [
            f"{verb}[一个](订单|单)[,]{{customer}}{{quantity}}{unit}[{{product}}]" for unit in UNITS
        ]
    for place, verb in enumerate(("列出", "看看", "有哪些", "查", "汇总")):
        found[f"list{place}"] = [f"{verb}[所有]{what}[的](订单|单子|步骤)" for what in LISTS]
    return found


def main() -> None:
    from hassil import Intents, recognize
    from hassil.intents import TextSlotList, WildcardSlotList

    sentences = templates()
    assert sum(map(len, sentences.values())) == 200, sum(map(len, sentences.values()))
    intents = Intents.from_dict(
        {
            "language": "zh",
            "settings": {"ignore_whitespace": True},
            "intents": {name: {"data": [{"sentences": those}]} for name, those in sentences.items()},
        }
    )
    names = short_names()[:CUSTOMERS]
    lists = {name: WildcardSlotList(name) for name in ("order", "product", "quantity")}
    lists["customer"] = TextSlotList.from_strings(names, name="customer")
    count = int(sys.argv[1])
    said = list(messages(count, noise=0.1))
    random.Random(3).shuffle(said)
    everybody = short_names()
    # It knows a hundred customers: the orders are theirs.
    texts = [
        one.text.replace(everybody[one.customer], names[one.customer % CUSTOMERS])
        if one.customer is not None
        else one.text
        for one in said
    ]
    for text in texts[:20]:
        recognize(text, intents, slot_lists=lists)
    found = []
    with measured() as stretch:
        for text in texts:
            found.append(recognize(text, intents, slot_lists=lists))
    hits = sum((one.kind in {"noise", "move"}) == (got is None) for one, got in zip(said, found, strict=True))
    tell_cpu(stretch, count, right=hits == count, recognised=f"{hits}/{count}")


if __name__ == "__main__":
    main()
