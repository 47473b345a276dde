"""The terminal as a chat platform: lines typed in, messages drawn with rich, choices numbered.

terminal.py    TerminalChannel: what is typed becomes raw updates, what is sent is drawn
"""

from adapters.console.terminal import TerminalChannel

__all__ = ["TerminalChannel"]
