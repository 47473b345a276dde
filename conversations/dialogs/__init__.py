"""What a conversation remembers between two messages, and how an answer to an open question is taken.

reply.py         Reply: what a handler says back; say(), join()
memory.py        Memory and Frame: open questions and drafts in the Dialog row, innermost last
conversation.py  Conversation: one message with its person, book, memory and what was understood
context.py       which order is meant: said, quoted, last spoken of, or asked
presses.py       which button was pressed, and whether its message still stands
choosing.py      «which one?» with buttons, and going on with what was asked for
confirming.py    what was shown and waits for 确认 / Confirm
asking.py        one missing word (a reason, a time, a solution), then on with it
besides.py       an answer with more beside it
redrafting.py    whether a text is about the draft on the table
draft_changes.py changes put into a draft: which line, what becomes of it
drafts.py        an order being put together: values, guesses, what is missing
draft_cards.py   the draft as a message
"""
