"""Ours: WeCom callbacks checked, decrypted, parsed and translated; a passive reply built, encrypted and signed.

`wecom.py COUNT`: the answer is the same one-row select on both sides. Forged ones must be refused.
"""

import sys
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from peers.plain import plain_orders, reply_to
from wecom_callbacks import AES_KEY, CORP, STAMP, TOKEN, callbacks, forged

from adapters.wecom import app_in
from adapters.wecom.crypto import BadCallback, Envelope, Secrets, seal, unseal
from adapters.wecom.xmltree import parse

SECRETS = Secrets.of(TOKEN, AES_KEY, CORP)


def turn(book, request) -> str:
    """One callback in, one reply out."""
    body, signature, stamp, nonce = request
    encrypted = parse(body)["Encrypt"]
    fields = parse(unseal(SECRETS, Envelope(encrypted, signature, stamp, nonce)))
    app_in.raw_update(fields, "1000002")
    message = app_in.translate(fields)
    said = reply_to(book, message.text)
    reply = (
        f"<xml><ToUserName>{escape(message.account)}</ToUserName><FromUserName>{CORP}</FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType>text</MsgType><Content>{escape(said)}</Content></xml>"
    )
    sealed = seal(SECRETS, reply, stamp, nonce)
    return (
        f"<xml><Encrypt>{sealed.encrypted}</Encrypt><MsgSignature>{sealed.signature}</MsgSignature>"
        f"<TimeStamp>{sealed.timestamp}</TimeStamp><Nonce>{sealed.nonce}</Nonce></xml>"
    )


def opens(reply: str) -> str:
    """What a reply says, as the platform would read it."""
    fields = parse(reply)
    envelope = Envelope(fields["Encrypt"], fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
    return str(parse(unseal(SECRETS, envelope))["Content"])


def main() -> None:
    count, book = int(sys.argv[1]), plain_orders()
    requests = callbacks(count + 100)
    for request in requests[:100]:
        turn(book, request)
    with measured() as stretch:
        replies = [turn(book, request) for request in requests[100:]]
    right = all("Order SO-" in opens(reply) for reply in replies[::50])
    refused = 0
    for request in forged():
        try:
            turn(book, request)
        except (BadCallback, ValueError):
            refused += 1
    tell_cpu(stretch, count, right=right and refused == len(forged()), refused=refused)


if __name__ == "__main__":
    main()
