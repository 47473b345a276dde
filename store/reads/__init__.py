"""What the book shows: views for the API, the chat and the board, each judged by who looks.

seeing.py     who may see which order; finding one by a short number
document.py   an order, step or event as the API gives it
"""
