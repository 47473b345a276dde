"""Composition: everything that starts, wires, wakes and stops the rooms; the only place that reads the environment.

settings.py     what an operator can set, read once
wiring.py       Assistant: book, desk, reminders, inbox worker and delivery put together
inbox.py        keeping raw updates, and taking them to the desk one by one, in order per conversation
rush.py         whether so much arrives that keeping goes before answering
delivery.py     claiming outbox rows, choosing the channel, sending, and what follows from each failure
closing.py      what follows when a card cannot be changed any more
routing.py      which channel a person is reached on, and who is told when nobody can be reached
collecting.py   how often Python looks for garbage in circles
rehearsal/      the whole assistant on a script, with the clock in hand
entering.py     where somebody goes on whom a platform has vouched for in the browser
serving.py      what works in the background: inbox, reminders, delivery, clock
platforms/      a module for each platform: from the settings to its adapter, and its doctor
hosting.py      the long-running process: platforms, web server, what runs in one replica alone
demo/           a company that has been at work for weeks, with its phones side by side
cli/            the command `gendan`
"""

import sys

# httpx brings a command line where rich and click are installed, a tenth of a start; nobody here calls it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # Python's own way to say: not to be imported
