"""The twelve ratios: what each compares, with which scripts, and where it should be.

A metric's sides are argument lists for this Python, relative to this folder; `{n}` is the larger or the quick count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Metric:
    """One ratio, ours ÷ theirs (lower is better unless `higher`).

    Attributes:
        ours, theirs: a side's script and arguments.
        counts: what {n} stands for in a whole run and in a quick one, ours and theirs: how many, and how large a book.
        goal, alarm: of the median ratio; the alarm fails a quick run.
        held: where CI fails instead of at the alarm, for a ratio that lies beyond its alarm and is known to: about
            twice what is measured, so that it does not grow unseen; lowered as the ratio falls, gone once it is met.
        quick: part of the quick run.
        beside: further peers, printed alone: name -> script and arguments.
        limits: greatest values of further figures of our side, as {figure: most}.
        needs: modules that must be installed, else the metric is left out.
    """

    number: int
    name: str
    what: str
    ours: str
    theirs: str
    goal: float
    alarm: float
    counts: tuple[tuple[int | str, int], tuple[int | str, int]] = ((1, 1), (1, 1))
    higher: bool = False
    held: float | None = None
    quick: bool = False
    beside: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    notes: str = ""

    def verdict(self, ratio: float) -> str:
        """met | missed | alarm."""
        sign = -1 if self.higher else 1
        if sign * ratio <= sign * self.goal:
            return "met"
        return "missed" if sign * ratio <= sign * self.alarm else "alarm"

    @property
    def bound(self) -> float:
        """Beyond which a quick run fails."""
        return self.alarm if self.held is None else self.held

    def fails(self, ratio: float) -> bool:
        """Whether a quick run fails by it."""
        sign = -1 if self.higher else 1
        return sign * ratio > sign * self.bound


METRICS: tuple[Metric, ...] = (
    Metric(
        1, "turn", "CPU of our whole durable turn ÷ python-telegram-bot's dispatch and reply, storing nothing",
        "ours/turn.py {n} full", "peers/ptb.py {n}", 0.80, 1.20, (("2000 16 100000", 5000), ("320 16 2000", 2000)),
        quick=True, held=35.0,
        beside={"Bolt": "peers/bolt.py 3000", "one at a time": "ours/turn.py 300 1 100000 full"},
    ),
    Metric(
        2, "webhook", "CPU a request of our signed Slack webhook, durable ÷ Slack Bolt storing nothing",
        "ours/webhook.py full {n}", "peers/bolt_server.py {n}", 0.55, 0.90, ((5, 5), (2, 2)), quick=True,
    ),
    Metric(
        3, "wecom", "CPU of our WeCom callback, in and out ÷ wechatpy",
        "ours/wecom.py {n}", "peers/wechat.py {n}", 0.50, 0.80, ((4000, 4000), (2000, 2000)),
        needs=("wechatpy",), quick=True,
    ),
    Metric(
        4, "durability", "durable webhooks a second with synchronous=FULL ÷ with NORMAL, 32 at once",
        "ours/webhook.py full 5 rate", "ours/webhook.py normal 5 rate", 0.60, 0.40, higher=True,
    ),
    Metric(
        5, "log-order", "CPU of logging an order (NORMAL) ÷ two plain INSERTs",
        "ours/log_order.py {n} normal", "peers/inserts.py {n} normal", 3.0, 5.0, ((3000, 3000), (300, 3000)),
        quick=True, held=105.0,
        beside={"SQLModel, the same two rows": "peers/inserts.py 2000 normal sqlmodel"},
    ),
    Metric(
        6, "due-fire", "CPU to claim and hand out 1,000 due of 1,000,000 ÷ APScheduler, memory, 100,000",
        "due_fire.py", "peers/aps_fire.py", 0.30, 0.60,
    ),
    Metric(
        7, "due-add", "wall of adding and completing a deadline ÷ SQLAlchemyJobStore",
        "due_add.py", "peers/aps_add.py", 0.20, 0.40,
    ),
    Metric(
        8, "replicas", "wall for 4 sweepers on PostgreSQL to hand out 1,000 of 1,000,000 ÷ one plain claim",
        "replicas.py", "peers/claim_pg.py", 3.0, 5.0,
    ),
    Metric(
        9, "understand", "CPU to understand a message, 10,000 customers ÷ hassil, 200 templates, 100 customers",
        "ours/understand.py {n}", "peers/hassil_mix.py {n}", 0.30, 0.60, ((2000, 1000), (600, 300)),
        needs=("hassil",), quick=True,
    ),
    Metric(
        10, "customer", "CPU to resolve a customer's name ÷ rapidfuzz WRatio, 10,000 names",
        "ours/customer.py 10000", "peers/rapidfuzz_names.py 10000", 0.03, 0.10, quick=True,
        beside={"ours, 100,000 names": "ours/customer.py 100000"},
    ),
    Metric(
        11, "send", "CPU a delivered direct message ÷ python-telegram-bot's send_message, 16 at a time",
        "ours/send.py {n}", "peers/ptb_send.py {n}", 0.12, 0.30, ((1000, 1000), (300, 300)), quick=True,
    ),
    Metric(
        12, "start", "wall from exec to the first answer, one adapter ÷ the floor script",
        "ours/start.py", "peers/start_floor.py", 3.0, 4.5, limits={"peak_mb": 40.0}, quick=True, held=32.0,
    ),
)  # fmt: skip

Result = dict[str, Any]
