"""The web as a platform: the chat page, the board, the API.

api.py          the read API with personal tokens, problem documents
channel.py      WebChannel: what is sent waits in the book until an open page shows it
bubbles.py      a person's conversation as a page shows it, read from the book
look.py         colours and shapes, light and dark
chat_view.py    one phone-sized conversation: bubbles, buttons, files, typing
pages.py        /chat with sign-in by link; signing out
tracking.py     /t/TOKEN: an order's public page; /join/CODE: an invitation opened in a browser
board_page.py   / and /board: where orders stand and where they are stuck, among what the reader may see
health.py       /health/live and /health/ready;  metrics.py  /metrics for Prometheus
demo_page.py    several phones side by side with a clock to push forward
words.yaml      what the pages themselves say
"""
