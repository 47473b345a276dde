"""Streets with their numbers: Unit 4 Dock Road, 5 Harbour Street, Bergen; so that 4 and 5 count nothing."""

import re
from collections.abc import Iterator

_NO = (
    r"(?!(?:on|in|the|its|it|is|to|a|an|for|of|my|our|by|and|or|at|not|going|under|from|with|via|per|pcs|pc|units?"
    r"|each|please|pls|still|has|have|was|be)\b)"
)
_UNIT = r"(?:unit|flat|suite|apt\.?|apartment|building|bldg\.?|block|gate|hall|plot|lot|shed|bay|warehouse|no\.?)"
_KIND = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|boulevard|blvd|quay|wharf|highway|hwy|crescent|terrace|square|drive|parade|esplanade|promenade|marg|nagar|circus|mews|alley|parkway|pkwy|plaza"
    r"|industrial estate|(?:industrial|business|science|technology|logistics|trading) (?:park|estate)|harbour|docks?)"
)
_STOP = (
    r"(?!(?:by|before|due|deliver|delivery|need|needed|price|total|at|on|qty|no|and|please|pls|thanks|for|ship|with"
    r"|po|until|urgent|asap)\b)"
)
_NO_TOWN = (
    r"(?!(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sat|sun)(?:day)?\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"[a-z]*\b|(?:today|tomorrow|next|this|end|eom|early|late|exw|fca|fob|cif|cfr|cpt|cip|dap|ddp|is|are|as|we|i)\b)"
)
_WORD = rf"{_STOP}{_NO_TOWN}[a-z][a-z'-]"
_CITY = rf"(?:,\s*{_WORD}+(?:\s+{_STOP}[a-z'-]+){{0,2}}(?:\s+[a-z]{{0,2}}\d{{3,6}})?(?=\s*(?:[,.;\n]|$)))"
_TOWN = rf"(?:\s+{_WORD}{{2,}}(?:\s+{_WORD}{{2,}})?(?=\s*(?:[,.;\n]|$|(?:by|before|due|for|on)\b)))"
_SUITE = rf"(?:,?\s+(?:{_UNIT}|floor|level)\s*#?\d{{1,4}}[a-z]?\b)"
_STREET = re.compile(
    rf"(?<![\w#-])(?:{_UNIT}\s*#?\d{{1,4}}[a-z]?,?\s+(?:\d{{1,5}}[a-z]?\s+)?|\d{{1,5}}[a-z]?(?:[-/]\d{{1,5}})?,?\s+)"
    rf"(?:{_NO}[a-z][a-z'.-]*\s+){{1,3}}?{_KIND}\b\.?{_SUITE}?{_TOWN}?{_CITY}{{0,2}}"
    r"|(?<![\w])[a-z]{3,}(?:strasse|straße|straat|gatan|veien|gasse|allee|platz)\s+\d{1,4}[a-z]?\b(?:,\s*\d{4,5}\s+[a-z]+)?"
    r"|\bp\.?\s?o\.?\s?box\s+\d+"
)


def read_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where streets with a number stand in a normalised, lower-case text."""
    for found in _STREET.finditer(text):
        yield found.span()
