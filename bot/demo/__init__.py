"""A company that has been at work for weeks, with its phones side by side.

company.yaml    the demonstration's company (the pump maker of docs/examples)
cast.yaml       whose phones are shown, and what each might say
clockwork.py    a clock that runs, and can be pushed forward
story.py        weeks of orders, made by driving the real assistant with a moving clock
showing.py      the page and the server
"""
