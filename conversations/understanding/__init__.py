"""What somebody wrote, read: plain spelling, dates, numbers, names, references, tables, intents.

normalise.py    one spelling, with the way back to the raw text
dates/ numbers/ names/ references/ tables/   readers, each with its own map
vocabulary.py   a company's own words; naming.py finds its names in a text; patterns.py references by pattern
entities.py     all of it read from one text, overlaps resolved
words/          concepts of words per language (zh.yaml, en.yaml), and which concepts are which intent (rules.yaml)
lexicon.py      the words as a trie, a text cut by them; rules.py the rules matched; clauses.py the message in parts
slots.py, ordering.py, replies.py   the values of an intent, of an order, of a bare answer in a dialog
redrafting.py   what words would do to the order being put together
pasting.py      orders of a pasted table; ranker.py did-you-mean; explaining.py span by span
intents.py      what comes out: Understood, Intent, Slot; the table INTENTS
understander.py Understander.for_company(company).understand(text, now=...)
"""
