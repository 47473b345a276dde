"""Slack as a platform, on slack_sdk's client and Bolt's Socket Mode; what comes in is checked and kept by ourselves.

assembly.py   from settings to a running Slack: channel, address for its calls, background work. Enter here
channel.py    SlackChannel: texts, buttons, files out; edits in place; files in
api.py        one call of the Web API: the library's client, its failures as ours
failures.py   what the platform's refusals mean
blocks.py     texts, buttons and App Home as Block Kit
reading.py    what an update says, and what makes it unique. Pure
markup.py     Slack's own notation of texts, read and written. Pure
intake.py     kept first, acknowledged afterwards: the same over HTTP and Socket Mode
signing.py    whether a request is Slack's
socket.py     Socket Mode: no public address needed
forms.py      modals: fields and dates that become one sentence; forms.yaml says which
manifest.py   what the app may do, as the manifest that an administrator pastes in
doctor.py     whether what is set up works
words.yaml    the few words of the adapter's own, and what each permission is for
"""
