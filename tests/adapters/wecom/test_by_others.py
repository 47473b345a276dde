"""Our encryption and the strict corporation, seen by others: wechatpy, and the encryption library for Node."""

import asyncio
import socket
import threading
from pathlib import Path

import pytest
import uvicorn

from adapters.wecom.crypto import Envelope, Secrets, seal, unseal
from adapters.wecom.xmltree import parse
from tests.fakes.wecom import Wecom
from tests.fakes.wecom_caller import AES_KEY, CORP, TOKEN, sealed, signature
from tests.support.node import running

pytestmark = pytest.mark.filterwarnings("ignore")
SCRIPT = Path(__file__).with_name("by_wecom_crypto.cjs")

MESSAGE = "<xml><Content><![CDATA[订单到哪一步了 👩🏽‍🏭]]></Content></xml>"


@pytest.fixture
def wechatpy():
    pytest.importorskip("wechatpy.work", reason="its second generation, which speaks WeCom")


async def test_the_library_for_node_opens_what_we_seal_and_we_open_what_it_seals():
    ours, at = Secrets.of(TOKEN, AES_KEY, CORP), {"timestamp": "1790000000", "nonce": "n"}
    async with running(SCRIPT, "@wecom/crypto", token=TOKEN, aesKey=AES_KEY, corp=CORP) as other:
        for message in (MESSAGE, "", "x" * 31, "订" * 5000, *("长" * n for n in range(20))):
            envelope = seal(ours, message, at["timestamp"], at["nonce"])
            for encrypted in (envelope.encrypted, sealed(message)):  # the strict caller's own writing as well
                await other.tell(open=encrypted, **at)
                opened = await other.until("done")
                assert (opened["message"], opened["id"]) == (message, CORP)
                assert opened["signature"] == signature(encrypted, at["timestamp"], at["nonce"])
            assert envelope.signature == signature(envelope.encrypted, at["timestamp"], at["nonce"])
            await other.tell(seal=message, **at)
            made = await other.until("done")
            assert unseal(ours, Envelope(made["encrypted"], made["signature"], **at)) == message


def test_another_client_opens_what_we_seal_and_we_open_what_it_seals(wechatpy):
    from wechatpy.work.crypto import WeChatCrypto

    other, ours = WeChatCrypto(TOKEN, AES_KEY, CORP), Secrets.of(TOKEN, AES_KEY, CORP)
    envelope = seal(ours, MESSAGE, "1790000000", "n")
    body = f"<xml><Encrypt><![CDATA[{envelope.encrypted}]]></Encrypt></xml>"
    assert other.decrypt_message(body, envelope.signature, "1790000000", "n") == MESSAGE
    made = parse(other.encrypt_message(MESSAGE, "n", "1790000000"))
    assert unseal(ours, Envelope(made["Encrypt"], made["MsgSignature"], made["TimeStamp"], made["Nonce"])) == MESSAGE
    foreign = sealed(MESSAGE)
    body = f"<xml><Encrypt><![CDATA[{foreign}]]></Encrypt></xml>"
    assert other.decrypt_message(body, signature(foreign, "1790000000", "n"), "1790000000", "n") == MESSAGE


@pytest.fixture
def served():
    """The strict corporation behind a real socket."""
    corp = Wecom()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(corp.app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        threading.Event().wait(0.01)
    yield corp, f"http://127.0.0.1:{port}/cgi-bin/"
    server.should_exit = True
    thread.join(5)


def test_another_client_gets_along_with_the_strict_corporation(wechatpy, served):
    from wechatpy.exceptions import WeChatClientException
    from wechatpy.work import WeChatClient

    corp, base = served

    class Client(WeChatClient):
        API_BASE_URL = base

        def fetch_access_token(self):
            return self._fetch_access_token(base + "gettoken", {"corpid": self.corp_id, "corpsecret": self.secret})

    client = Client(corp.corp_id, corp.secret)
    client.message.send_text(corp.agent_id, "zhouwei", content="SO-1 到哪一步了")
    media = client.media.upload("file", ("a.txt", b"content of a file", "text/plain"))
    client.message.send_file(corp.agent_id, "zhouwei", media_id=media["media_id"])
    assert [sent["msgtype"] for sent in corp.sent] == ["text", "file"]
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_text(corp.agent_id, "nobody", content="x")
    assert refused.value.errcode == 81013
    with pytest.raises(WeChatClientException) as refused:
        Client(corp.corp_id, "wrong").message.send_text(corp.agent_id, "zhouwei", content="x")
    assert refused.value.errcode == 40001
