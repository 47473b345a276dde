"""`python -m bot` is `gendan`."""

from bot.cli import main

main()
