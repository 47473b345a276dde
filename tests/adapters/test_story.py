"""The same story on each platform and across them, judged by the same transcript as the rehearsal's."""

import pytest

from tests.support.far import AppFar, RobotFar, SlackFar, TelegramFar, WebFar, WecomFar
from tests.support.far.playing import PlayingOnPlatforms
from tests.support.scenarios import HERE, aftermath, expectations

STAFF = ("wangli", "heping", "malong", "dengyan", "wu", "xuting", "tangwei")
EVERYBODY = (*STAFF, "li")
KINDS = {"telegram": TelegramFar, "slack": SlackFar, "wecom": WecomFar, "robot": RobotFar, "web": WebFar, "app": AppFar}
ALWAYS = ("slack", "across")
STAGES = {
    "telegram": dict.fromkeys(EVERYBODY, "telegram"),
    "slack": dict.fromkeys(EVERYBODY, "slack"),
    "wecom, the customer by customer service": dict.fromkeys(EVERYBODY, "wecom"),
    "the robot, the customer on telegram": dict.fromkeys(STAFF, "robot") | {"li": "telegram"},
    "web": dict.fromkeys(EVERYBODY, "web"),
    "across": {"wangli": "slack", "heping": "telegram", "malong": "wecom", "dengyan": "slack", "wu": "web",
               "xuting": "telegram", "tangwei": "wecom", "li": "wecom"},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize(
    "stage", [stage if stage in ALWAYS else pytest.param(stage, marks=pytest.mark.long) for stage in STAGES]
)
def test_the_story_of_an_order_is_the_same_wherever_people_are(stage, sqlite_url):
    homes = STAGES[stage]
    kinds = {name: KINDS[name] for name in sorted(set(homes.values()))}
    script = (HERE / "order_story.jsonl").read_text("utf-8").splitlines()
    playing = PlayingOnPlatforms(script, expectations("order_story"), kinds, homes)
    playing.play(sqlite_url)
    assert playing.complaints() == []
    assert aftermath(sqlite_url) == []
