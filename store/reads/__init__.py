"""What the book shows: views for the API, the chat and the board, each judged by who looks.

seeing.py     who may see which order; finding one by a short number
document.py   an order, step or event as the API gives it
lists.py      the API's lists and their filters
events.py     what befell an order, as JSON and as phrases
status.py     «where is it», for staff
public.py     the same for a customer: public stages and fields only
search.py     what chat lists: mine, due today, overdue, stuck, orders of ...
asked.py      what somebody was asked that belongs to no order
timeline.py   the whole story with its waiting times; why it is late
stock.py      stock and open money
"""
