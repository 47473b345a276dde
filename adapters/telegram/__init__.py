"""Telegram as a platform, on python-telegram-bot's client (no updater, no handlers, no state of the library's).

assembly.py   from settings to a running Telegram: channel, address for its calls, background work. Enter here
channel.py    TelegramChannel: texts, buttons, files out; edits in place; files in
reading.py    what an update says, and what makes it unique. Pure
receiving.py  long polling, and the address that Telegram calls: kept first, confirmed afterwards
failures.py   what the library's exceptions mean
pacing.py     how fast one may write
words.yaml    the command menu, per language, and what each command says
"""
