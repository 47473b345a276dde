"""wechatpy: the same callbacks through its crypto, parse_message and create_reply. `wechat.py COUNT`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from peers.plain import plain_orders, reply_to
from wechatpy.enterprise import create_reply, parse_message
from wechatpy.enterprise.crypto import WeChatCrypto
from wecom_callbacks import AES_KEY, CORP, TOKEN, callbacks, forged

CRYPTO = WeChatCrypto(TOKEN, AES_KEY, CORP)


def turn(book, request) -> str:
    """One callback in, one reply out."""
    body, signature, stamp, nonce = request
    message = parse_message(CRYPTO.decrypt_message(body, signature, stamp, nonce))
    return CRYPTO.encrypt_message(create_reply(reply_to(book, message.content), message).render(), nonce, stamp)


def main() -> None:
    count, book = int(sys.argv[1]), plain_orders()
    requests = callbacks(count + 100)
    for request in requests[:100]:
        turn(book, request)
    with measured() as stretch:
        replies = [turn(book, request) for request in requests[100:]]
    refused = 0
    for request in forged():
        try:
            turn(book, request)
        except Exception:  # noqa: BLE001 - several of its own
            refused += 1
    tell_cpu(stretch, count, right=all("<Encrypt>" in one for one in replies) and refused == len(forged()))


if __name__ == "__main__":
    main()
