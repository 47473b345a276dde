"""The whole assistant on a script of JSON lines, with the clock in hand.

    script.py    what a line may say; everything else stops the run with its number and the reason
    stage.py     the stand-in for all platforms: what is sent comes out as JSON, failures come on demand
    driving.py   the loop: move the clock, let everything due happen in order, play the line, print, `done`

The book, the desk, reminders, the inbox worker and delivery are those of production.
"""

from bot.rehearsal.driving import Rehearsal, rehearse

__all__ = ["Rehearsal", "rehearse"]
