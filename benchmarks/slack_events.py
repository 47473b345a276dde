"""Signed Slack events, each with an id of its own."""

import hashlib
import hmac
import json
import time

SECRET = "s" * 32


def signed(text: str, number: int, person: int | None = None) -> tuple[dict[str, str], bytes]:
    """Headers and body of an event that brings this text in a direct message of one of 500 people."""
    who = number % 500 if person is None else person
    event = {"type": "message", "channel": f"D{who}", "channel_type": "im", "user": f"U{who}",
             "text": text, "ts": f"{1_795_395_600 + number}.000100"}  # fmt: skip
    body = json.dumps(
        {
            "token": "x", "team_id": "T1", "api_app_id": "A1", "type": "event_callback", "event_id": f"Ev{number:09d}",
            "event_time": 1_795_395_600, "event": event,
            "authorizations": [{"team_id": "T1", "user_id": "UB", "is_bot": True}],
        }
    ).encode()  # fmt: skip
    stamp = str(int(time.time()))
    sign = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={sign}",
    }
    return headers, body
