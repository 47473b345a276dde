"""What somebody wrote, read: plain spelling, dates, numbers, names, references, tables, intents."""
