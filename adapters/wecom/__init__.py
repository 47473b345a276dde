"""WeCom (企业微信) as a platform: one channel to the house, several lines beneath.

assembly.py   from settings to a running WeCom: channel, addresses, background work. Enter here
channel.py    WeComChannel: which line a message takes
app.py        self-built app: texts, cards, files to members, cards renewed by response code; app_in.py what it hears
robot.py      smart robot over its long connection (socket.py); robot_in.py what it hears
kf.py         WeChat customer service: pull, welcome, window (kf_window.py), hand-over; kf_in.py what it hears
webhook.py    one-way messages into a group
callback.py   the address that WeCom calls; crypto.py its encryption, xmltree.py its XML
sign_in.py    the web pages opened inside WeCom, by what the platform says of who opens them (oauth.py)
client.py     the HTTP API: token, calls, files (media.py); errors.py what its codes mean
cards.py      how a message is drawn; markdown.py the same where Markdown is read; words.yaml the few words of its own
memory.py     what must be known after a restart; pacing.py how fast one may write
"""
