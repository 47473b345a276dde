"""The far side of each platform, all with the same handles: what people do there, what reached them, what goes wrong.

    base.py        Far: the handles; Seen: what reached somebody; Clock: moved by hand
    telegram.py    slack.py    wecom.py (app, robot, customer service)    house.py (web page, console)
    playing.py     a transcript of tests/scenarios, played by people on platforms

Between a far side and the adapter stand the real library and the strict fake of tests/fakes. A new platform adds a
module here and its class to FARS; the contract suite and the order story then play on it.
"""

from tests.support.far.base import Clock, Far, Seen
from tests.support.far.house import ConsoleFar, PageFar, WebFar
from tests.support.far.slack import SlackFar
from tests.support.far.telegram import TelegramFar
from tests.support.far.wecom import AppFar, KfFar, RobotFar, WecomFar

FARS = {far.name: far for far in (TelegramFar, SlackFar, AppFar, RobotFar, KfFar, PageFar, ConsoleFar)}

__all__ = ["FARS", "AppFar", "Clock", "Far", "RobotFar", "Seen", "SlackFar", "TelegramFar", "WebFar", "WecomFar"]
