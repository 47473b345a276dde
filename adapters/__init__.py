"""Platforms: one folder each, which translates to and from its platform and does nothing else.

    console/     a terminal
    web/         the chat page, the demonstration, the HTTP API; reads the book where it shows it
    telegram/    Telegram Bot API
    slack/       Slack
    wecom/       WeCom (企业微信): self-built app, smart robot, customer service

What each of them offers is stated in conversations.channels.
"""
